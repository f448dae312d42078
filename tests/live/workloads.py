# SPDX-License-Identifier: MIT
"""Programs at work, for the tests that record them: each in a folder of its own.

A workload is prepared once; after that its command can be run any number of times, and does
the same each time. A server is started, driven from outside, and told to end.
"""
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

TIMEOUT = 60
GO = """package main
import ("fmt"; "os"; "sync"; "time")
func main() {
	var group sync.WaitGroup
	for i := 0; i < 8; i++ {
		group.Add(1)
		go func() { defer group.Done(); time.Sleep(time.Millisecond); os.Getwd() }()
	}
	group.Wait()
	os.WriteFile("go.txt", []byte("written"), 0644)
	fmt.Println("done")
}
"""
JAVA = """public class Hello {
	public static void main(String[] words) throws Exception {
		Thread thread = new Thread(() -> System.out.println("done"));
		thread.start();
		thread.join();
	}
}
"""
PYTHON = """import os, subprocess, tempfile, threading, unittest
class Case(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "a"), "w") as file:
                file.write("a")
            self.assertEqual(os.listdir(folder), ["a"])
    def test_threads(self):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
    def test_children(self):
        self.assertEqual(subprocess.run(["/bin/true"]).returncode, 0)
unittest.main()
"""
C = "#include <stdio.h>\nint main(void) { puts(\"done\"); return 0; }\n"


def sh(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT, **options)


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


class Workload:
    """Runs in the current folder."""
    needs = ()
    command = ()
    varies = False  # it makes other calls by chance

    def prepare(self):
        pass

    def missing(self):
        return [program for program in self.needs if not shutil.which(program)]

    def drive(self, process):
        """Has the started process do its work; returns its status."""
        return process.wait(TIMEOUT)

    def clean(self):
        """Undoes what a run has made, so that the next one is the same."""


class Sqlite(Workload):
    needs = ("sqlite3",)
    command = ("sqlite3", "db", "create table t(a); insert into t values (1), (2);"
               "create index i on t(a); select sum(a) from t; drop table t; vacuum;")


class Python(Workload):
    needs = ("/usr/bin/python3",)
    command = ("/usr/bin/python3", "case.py")

    def prepare(self):
        write("case.py", PYTHON)


class Git(Workload):
    needs = ("git",)

    def prepare(self):
        sh("sh", "-c", "git init -q origin && cd origin && echo a >a && git add a && "
           "git -c user.name=a -c user.email=a@b commit -qm a")
        self.command = ("git", "clone", "-q", "file://" + os.path.abspath("origin"), "copy")

    def clean(self):
        shutil.rmtree("copy", ignore_errors=True)


class Gcc(Workload):
    needs = ("gcc",)
    command = ("gcc", "-O2", "-o", "hello", "hello.c")

    def prepare(self):
        write("hello.c", C)

    def clean(self):
        if os.path.exists("hello"):
            os.remove("hello")


class Go(Workload):
    needs = ("go",)
    varies = True
    command = ("./hello",)

    def prepare(self):
        write("hello.go", GO)
        folder = os.path.abspath("cache")
        sh("go", "build", "hello.go", env=dict(os.environ, GOCACHE=folder, GOFLAGS="-p=2",
                                               GO111MODULE="off"))

    def clean(self):
        if os.path.exists("go.txt"):
            os.remove("go.txt")


class Java(Workload):
    needs = ("java", "javac")
    varies = True
    command = ("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "Hello")

    def prepare(self):
        write("Hello.java", JAVA)
        sh("javac", "Hello.java")


class Server(Workload):
    """Its process ends when it gets a signal, after load() has returned."""

    def prepare(self):
        self.port = random.randint(20000, 32000)

    def load(self):
        pass

    def signal(self, process):
        process.send_signal(signal.SIGTERM)

    def wait_for_port(self, process):
        for _ in range(400):
            if process.poll() is not None:
                return
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)

    def drive(self, process):
        self.wait_for_port(process)
        if process.poll() is None:
            self.load()
            self.signal(process)
        return process.wait(TIMEOUT)


class Nginx(Server):
    needs = ("nginx", "ab")

    def prepare(self):
        super().prepare()
        os.mkdir("temporary")
        write("index.html", "hello\n")
        write("nginx.conf", f"""daemon off; master_process on; worker_processes 2;
pid {os.getcwd()}/pid; error_log {os.getcwd()}/error.log; user root;
events {{ worker_connections 64; }}
http {{ access_log {os.getcwd()}/access.log; root {os.getcwd()};
client_body_temp_path temporary; proxy_temp_path temporary; fastcgi_temp_path temporary;
uwsgi_temp_path temporary; scgi_temp_path temporary;
server {{ listen 127.0.0.1:{self.port}; }} }}
""")
        os.chmod(".", 0o755)
        self.command = ("nginx", "-p", os.getcwd(), "-e", "error.log", "-c",
                        os.path.abspath("nginx.conf"))

    def load(self):
        sh("ab", "-q", "-n", "400", "-c", "8", f"http://127.0.0.1:{self.port}/index.html")


class Redis(Server):
    needs = ("redis-server", "redis-benchmark")

    def prepare(self):
        super().prepare()
        self.command = ("redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
                        "--dir", os.getcwd(), "--save", "")

    def load(self):
        sh("redis-benchmark", "-q", "-p", str(self.port), "-n", "400", "-c", "8",
           "-t", "set,get,lpush,mset")


WORKLOADS = (Sqlite, Python, Git, Gcc, Go, Java, Nginx, Redis)


def start(command, **options):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, **options)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def can_use_ebpf(callgate):
    found = subprocess.run([callgate, "features", "--json"], stdout=subprocess.PIPE,
                           text=True, check=False).stdout
    return '"ebpf": true' in found  # which is nothing in a build without JSON
