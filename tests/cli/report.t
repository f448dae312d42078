# callgate report

# says what is allowed, and when
$ callgate report -e 'arch x86_64; default kill; allow read, write, socket(domain == AF_UNIX)' >a.html
> grep -oE 'On x86_64.*' a.html; grep -oE '<b class="(allowed|depends)[^<]*' a.html
> grep -A2 '<td>socket' a.html
On x86_64, 2 of ... system calls are always allowed, 1 depend on their arguments, and ... are not allowed.</p>
<b class="allowed" title="allow">read
<b class="allowed" title="allow">write
<b class="depends" title="allow / kill">socket
<tr><td>socket</td><td><div>allow <span class="soft">if</span> <code>domain == AF_UNIX</code></div>
<div>kill <span class="soft">otherwise</span></div>
</td></tr>

# tells what an audit finds, and a call that shows it
$ callgate report -e 'arch x86_64; default kill; allow clone' | grep -A3 '<em>medium'
<li class="risk-medium"><p><em>medium</em> <strong>clone3: ...</strong></p>
<p>...</p>
<p><code>x86_64:clone3(NULL, 0)</code> &rarr; kill</p>
<p><code>x86_64:clone(...)</code> &rarr; allow</p>

# says that an audit finds nothing
$ callgate report -e 'arch x86_64; allow bpf, ioctl' | grep -A1 Findings
<h3>Findings</h3>
<p><strong>1</strong> high, <strong>2</strong> medium; each with a call that shows it, where one can, and the edit that mends it.</p>
$ callgate report -e 'arch x86_64; default kill; allow read' | grep -A1 Findings
<h3>Findings</h3>
<p>None: ...

# tells ABIs apart
$ callgate report -e 'arch x86_64 i386; allow read' | grep -oE '<summary>[^<]*|^<tr><td>[^<]*x32[^/]*/td><td>[^<]*'
<tr><td>x32, ...</td><td>every call: kill
<summary>i386: of ... calls 1 allowed, 0 depend on their arguments

# tells what differs from a reference
$ echo 'arch x86_64
> allow read, socket' >a.gate
> callgate report --reference a.gate -e 'arch x86_64; allow read, socket(domain == AF_UNIX)' >a.html
> grep -A8 Difference a.html
<h3>Difference to a.gate</h3>
<p>It is stricter: it allows nothing more.</p>
<table class="difference"><tr><th>Calls</th>...
<tr><td>socket</td><td>x86_64</td><td><code>domain != AF_UNIX</code>...x86_64:socket(...</code></td><td>errno EPERM</td><td>allow</td></tr>
</table>
...

# compares several filters at a glance
$ callgate report -e 'arch x86_64; allow read' -e 'arch x86_64; allow read, write' -o a.html
> grep -c '<h2' a.html; grep -oE '^<tr><td>&#60;-e&#62;</td><td>[0-9]*' a.html
2
<tr><td>&#60;-e&#62;</td><td>1
<tr><td>&#60;-e&#62;</td><td>2

# takes no name for more than a name
$ echo 'allow read' >'"><script>alert(1)<!--&.gate'; callgate report *.gate >a.html
> grep -c '<script' a.html; grep -o '<h2[^/]*' a.html
0
<h2 class="first">&#34;&#62;&#60;script&#62;alert(1)&#60;!--&#38;.gate<

# fetches nothing
$ callgate report -e 'allow read' | grep -cE 'https?:|src=|href=|url\(|@import|<script'
0
[1]

# tells of errors and writes nothing
$ callgate report -e 'allow raed' -e 'allow read' -o a.html; echo $?; ls
<-e>:1:7: error: ...
...
3

# says that a filter is too complex
$ { for i in $(seq 16 8 56); do echo "ld [$i]"; echo 'mul x'; echo 'add #12345'; echo 'tax'; done
> for i in 1 2 3 4 5 6 7 8; do echo 'mul x'; done; echo 'jset #0x1234567, a'; echo 'ret kill'
> echo 'a: ret allow'; } | callgate asm - >b.bpf; callgate report b.bpf -o a.html; echo $?; ls
b.bpf: error: the filter is too complex ...
3
b.bpf
