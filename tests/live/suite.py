# SPDX-License-Identifier: MIT
"""Ordinary work of a Python program: what examples/python.gate must let through."""

import asyncio
import ctypes
import hashlib
import multiprocessing
import os
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest


class Work(unittest.TestCase):
    def test_starts_programs_and_reads_what_they_say(self):
        said = subprocess.run(["echo", "hello"], stdout=subprocess.PIPE, check=True)
        self.assertEqual(said.stdout, b"hello\n")

    def test_starts_a_shell_pipeline(self):
        said = subprocess.check_output("printf '3\\n1\\n2\\n' | sort", shell=True)
        self.assertEqual(said.split(), [b"1", b"2", b"3"])

    def test_runs_threads(self):
        total = []
        lock = threading.Lock()

        def add(number):
            with lock:
                total.append(number)

        threads = [threading.Thread(target=add, args=(i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(total), list(range(20)))

    def test_shares_work_among_processes(self):
        with multiprocessing.Pool(2) as pool:
            self.assertEqual(pool.map(abs, [-1, 2, -3]), [1, 2, 3])

    def test_writes_and_reads_a_database(self):
        with tempfile.TemporaryDirectory() as folder:
            base = sqlite3.connect(os.path.join(folder, "base"))
            base.execute("create table t (n integer)")
            base.executemany("insert into t values (?)", [(i,) for i in range(100)])
            base.commit()
            self.assertEqual(base.execute("select sum(n) from t").fetchone(), (4950,))
            base.close()

    def test_changes_files(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "a")
            with open(name, "w", encoding="ascii") as file:
                file.write("x" * 10)
            os.chmod(name, 0o600)
            os.rename(name, name + "b")
            os.truncate(name + "b", 5)
            os.symlink("ab", os.path.join(folder, "link"))
            self.assertEqual(sorted(os.listdir(folder)), ["ab", "link"])
            self.assertEqual(os.stat(os.path.join(folder, "link")).st_size, 5)

    def test_talks_over_loopback(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                peer, _ = server.accept()
                with peer:
                    peer.sendall(b"ping")
                    self.assertEqual(client.recv(4), b"ping")

    def test_sends_datagrams(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            one.sendto(b"x", one.getsockname())
            self.assertEqual(one.recv(4), b"x")

    def test_talks_over_a_socket_pair(self):
        one, other = socket.socketpair()
        with one, other:
            one.send(b"x")
            self.assertEqual(select.select([other], [], [], 5)[0], [other])

    def test_runs_an_event_loop(self):
        async def main():
            server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            data = await reader.read()
            writer.close()
            server.close()
            return data

        self.assertEqual(asyncio.run(main()), b"")

    def test_handles_signals_and_timers(self):
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(0.05)
        self.assertEqual(seen, [1])

    def test_calls_c_functions_back(self):
        compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
        libc = ctypes.CDLL(None)
        libc.qsort((ctypes.c_int * 2)(2, 1), 2, 4, compare(lambda a, b: 0))

    def test_draws_random_bytes(self):
        self.assertEqual(len(os.urandom(16)), 16)
        self.assertEqual(len(hashlib.sha256(random.randbytes(8)).digest()), 32)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]], verbosity=0)
