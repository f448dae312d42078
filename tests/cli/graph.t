# callgate graph

# draws what is decided by what
$ callgate graph -e 'arch x86_64; allow read, write; errno EACCES socket(domain == AF_INET); default kill'
digraph filter {
	graph [...label="<-e>"];
...
	n0 [label="arch"];
	n0 -> n1 [label="else", style=dashed];
	n0 -> n2 [label="x86_64, x32"];
	n1 [label="kill", fillcolor="#f3b6b0"];
	n2 [label="nr"];
	n2 -> n3 [label="read, write"];
	n2 -> n1 [label="else", style=dashed];
	n2 -> n4 [label="socket"];
	n3 [label="allow", fillcolor="#c5e5c0"];
	n4 [label="args[0] low"];
	n4 -> n1 [label="else", style=dashed];
	n4 -> n5 [label="0x2"];
	n5 [label="errno EACCES", fillcolor="#f9d9b0"];
}

# draws a masked test bit by bit
$ callgate graph -e 'arch x86_64; allow mmap(prot & 4 == 0); default kill' | grep 'n[345]'
	n2 -> n3 [label="mmap"];
	n3 [label="args[2] low, bit 2"];
	n3 -> n4 [label="0"];
	n3 -> n1 [label="1"];
	n4 [label="allow", fillcolor="#c5e5c0"];

# draws the program, what nothing reaches left out
$ printf '%s\n' 'ld [4]' 'jeq #x86_64, a' 'ret kill' 'ret log' 'a: ret allow' | callgate asm - >a.bpf
> callgate graph --program a.bpf
digraph filter {
	graph [...
...
	b0 [label="l0:    ld   [4]                         ; arch\ll1:    jeq  #0xc000003e, l4, l2         ; x86_64, x32\l"];
	b0 -> b4 [label="yes"];
	b0 -> b2 [label="no"];
	b2 [label="l2:    ret  #0x80000000                 ; kill\l", fillcolor="#f3b6b0"];
	b4 [label="l4:    ret  #0x7fff0000                 ; allow\l", fillcolor="#c5e5c0"];
}

# takes no name for more than a name
$ printf 'ret allow' | callgate asm - -o 'a"];evil[label="&lt;\.bpf'
> callgate graph 'a"];evil[label="&lt;\.bpf' | grep graph
digraph filter {
	graph [fontname="sans-serif", labelloc=t, label="a\"];evil[label=\"&amp;lt;\\.bpf"];

# has it drawn by dot {needs dot}
$ callgate graph --svg -e 'allow read' -o a.svg; grep -c '^<svg' a.svg
> callgate graph --svg --program -e 'allow read' | tail -1
1
</svg>

# says that dot is missing, and writes nothing
$ PATH=$(dirname $(command -v callgate)); callgate graph --svg -e 'allow read' -o a.svg
callgate graph: Graphviz' program dot is not installed
hint: install graphviz, or leave out --svg and draw the text elsewhere
[4]

# refuses to draw what nobody could read
$ callgate compile -e 'allow read' -o a.bpf; { for i in $(seq 0 6 54); do
> echo "ld [$((i + 8 - (i + 8) % 4))]"; echo "mul #$((i * 777 + 13))"; echo 'tax'; done
> for i in 1 2 3 4 5 6 7 8; do echo 'mul x'; done; echo 'jset #0x1234567, a'; echo 'ret kill'
> echo 'a: ret allow'; } | callgate asm - >b.bpf; callgate graph b.bpf
b.bpf: error: ...too...
...
[3]
