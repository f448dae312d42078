#!/bin/bash
# SPDX-License-Identifier: MIT
#
# examples/sqlite.gate: a database is made, read, indexed and vacuumed; no program starts.
source "$(dirname "$0")/lib.sh"
need sqlite3
is_clean sqlite

base=$scratch/base.db

is 'writes and reads' '500500' "$(under sqlite sqlite3 "$base" '
	CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, name TEXT);
	WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000)
		INSERT INTO t SELECT x, x, printf("name %d", x) FROM c;
	SELECT sum(n) FROM t;' 2>&1)"
is 'indexes' 'SEARCH' "$(under sqlite sqlite3 "$base" '
	CREATE INDEX by_name ON t (name);
	EXPLAIN QUERY PLAN SELECT n FROM t WHERE name = "name 7";' 2>&1 |
	grep -o SEARCH)"
is 'vacuums' 'ok 501' "$(under sqlite sqlite3 -separator ' ' "$base" '
	DELETE FROM t WHERE id % 2 AND id > 1;
	VACUUM;
	SELECT integrity_check, count(*) FROM pragma_integrity_check, t;' 2>&1)"
is 'keeps a write-ahead log and maps the file' 'wal 1048576 501' \
	"$(under sqlite sqlite3 "$base" '
	PRAGMA journal_mode = wal;
	PRAGMA mmap_size = 1048576;
	UPDATE t SET n = n + 1;
	SELECT count(*) FROM t;' 2>&1 | tr '\n' ' ' | sed 's/ $//')"
is 'sorts with threads and temporary files' '100000' "$(under sqlite sqlite3 "$base" '
	PRAGMA temp_store = file;
	PRAGMA cache_size = 10;
	PRAGMA threads = 4;
	CREATE TABLE big AS WITH RECURSIVE c(x) AS
		(SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 100000)
		SELECT x, hex(randomblob(16)) AS h FROM c;
	CREATE INDEX big_h ON big (h);
	SELECT count(*) FROM big;' 2>&1 | tail -1)"
is 'backs up and dumps' 'CREATE TABLE t' "$(
	under sqlite sqlite3 "$base" ".backup '$scratch/copy.db'" &&
	under sqlite sqlite3 "$scratch/copy.db" .dump 2>&1 |
	grep -o '^CREATE TABLE t')"

touch "$scratch/witness"
under sqlite sqlite3 "$base" ".shell rm '$scratch/witness'" >/dev/null 2>&1 || true
is '.shell starts nothing' "$scratch/witness" "$(ls "$scratch/witness")"
under sqlite sqlite3 "$base" ".once '|cat > $scratch/piped'" 'SELECT 1;' \
	>/dev/null 2>&1 || true
is '.once to a pipe starts nothing' '' "$(ls "$scratch/piped" 2>/dev/null)"

refuses sqlite EPERM execve /bin/true 0 0
refuses sqlite EPERM clone 17
refuses sqlite ENOSYS clone3
refuses sqlite EPERM socket 2 1 0
refuses sqlite EPERM socket 1 1 0
refuses sqlite EPERM mmap 0 4096 7 0x22 -1 0
refuses sqlite EPERM mmap 0 4096 5 0x22 -1 0
refuses sqlite EPERM mprotect 0 4096 4
refuses sqlite EPERM ioctl 0 0x5412 x
# The upper half of an int is not the kernel's, so it does not hide a command.
refuses sqlite EPERM ioctl 0 0x100005412 x
dies sqlite ptrace
dies sqlite mount a b c 0 0
done_testing
