# callgate top

# wants a terminal, or to be told that there is none
$ callgate top
callgate top: ...
  hint: --batch 1 prints a frame as text
[2]

# prints no frame less than one
$ callgate top --batch 0
callgate top: want a number from 1 to 2147483647, not '0'
Try ...
[2]

# has no time for less than a tenth of a second
$ callgate top --interval 99
callgate top: want a number from 100 to 3600000, not '99'
Try ...
[2]

# sorts by what there is
$ callgate top --sort beauty
callgate top: want denied, total, calls, name or pid, not 'beauty'
Try ...
[2]

# a filter has an end
$ callgate top --filter 12345678901234567890123456789012
callgate top: the text is longer than 31 letters
Try ...
[2]

# takes no argument
$ callgate top 1
callgate top: too many arguments: '1'
Try ...
[2]
