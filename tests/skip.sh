#!/bin/sh
# SPDX-License-Identifier: MIT
# In the place of a test that needs what this build was made without.
echo 'this callgate was built without JSON or without profiles: see callgate --version'
exit 77
