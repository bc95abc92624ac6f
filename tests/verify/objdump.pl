#!/usr/bin/perl
# An independent opinion: what the verifier's decoder makes of an instruction (length, memory
# operand, registers written) is what objdump makes of it. For random accepted instructions, and
# for all instructions of real machine code that the decoder takes.
use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);

chdir(dirname($0) . '/../..') or die;
my $build   = $ENV{BUILD} // 'build';
my $decoder = "$build/tests/verify-decode";
my $random  = $ENV{VERIFY_RANDOM_INSTRUCTIONS} // 40000;
my $dir     = tempdir(CLEANUP => 1);
my $test    = 0;

my %register; # name of any width -> 64-bit name
for my $r (qw(ax cx dx bx sp bp si di)) {
    $register{"$_$r"} = "r$r" for 'r', 'e', '';
    $register{$r . 'l'} = "r$r";
}
for my $r (qw(a c d b)) {
    $register{$r . 'l'} = $register{$r . 'h'} = "r${r}x";
}
for my $n (8 .. 15) {
    $register{"r$n$_"} = "r$n" for '', 'd', 'w', 'b';
}

# Instructions whose last operand is only read.
my $reads_last = qr/^(cmp[bwlq]?|test[bwlq]?|bt[wlq]?|push[qw]?|u?comis[sd]|ptest|jmp|call|nop\w?|
                      prefetch\w+|j\w+)$/x;
my $one_operand_multiply = qr/^i?(mul|div)[bwlq]?$/;

sub operands {
    my ($text) = @_;
    my @operands;
    while ($text =~ s/^\s*((?:[^,(]|\([^)]*\))+)(?:,|$)//) {
        my $operand = $1;
        $operand =~ s/\s+$//;
        push @operands, $operand;
    }
    return @operands;
}

# What objdump's text says, in the words of verify-decode.
sub expectation {
    my ($length, $text) = @_;
    $text =~ s/\s*#.*//;
    $text =~ s/^(?:(?:rep[nz]*|addr32|data16|cs|rex(?:\.\w+)?|es|ss|ds)\s+)+//;
    my ($mnemonic, $rest) = split ' ', $text, 2;
    my @operands = operands($rest // '');
    my %memory = (segment => '-', base => '-', index => '-', scale => 1, disp => 0, access => '-');
    my %writes;
    for my $i (0 .. $#operands) {
        my $o    = $operands[$i];
        my $last = $i == $#operands;
        my $written = $last && $mnemonic !~ $reads_last
            && !($mnemonic =~ $one_operand_multiply && @operands == 1);
        $written = 1 if $mnemonic =~ /^xchg/;
        if ($o =~ /^%(\w+)$/ && $register{$1}) {
            $writes{ $register{$1} } = 1 if $written;
        } elsif ($o =~ /^\*?(?:%([fg]s):)?(-?0x[0-9a-f]+)?(?:\(([^)]*)\))?$/
            && $mnemonic !~ /^(j\w+|call)$/) {
            my ($segment, $disp, $inside) = ($1, $2, $3);
            my ($base, $index, $scale) = split /,/, $inside // '';
            s/^%// for grep { defined } $base, $index;
            undef $index if defined $index && $index =~ /^[er]iz$/;
            %memory = (
                segment => $segment // '-',
                base    => length($base // '') ? $base : '-',
                index   => $index // '-',
                scale   => defined $index ? $scale // 1 : 1,
                disp    => defined $disp ? $disp =~ /^-/ ? -hex(substr $disp, 1) : hex $disp : 0,
                access  => $written && $mnemonic !~ /^(lea[wlq]?)$/ ? 'w' : 'r',
            );
            # objdump prints absolute addresses as unsigned.
            no warnings 'portable';
            $memory{disp} -= 4294967296 if $memory{disp} >= 2147483648 && $memory{disp} < 4294967296;
            $memory{disp} = -(~$memory{disp} + 1) if $memory{disp} >= 4294967296;
        }
    }
    $writes{rax} = 1 if $mnemonic =~ /^(cwtl|cltq|cbtw)$/ || $mnemonic =~ $one_operand_multiply && @operands == 1;
    $writes{rdx} = 1 if $mnemonic =~ /^(cltd|cqto|cwtd)$/
        || $mnemonic =~ $one_operand_multiply && @operands == 1 && $rest !~ /^%([abcd][lh]|\w+b|sil|dil|spl|bpl)$/ && $mnemonic !~ /b$/;
    return sprintf '%d segment=%s base=%s index=%s scale=%d disp=%d memory=%s writes=%s', $length,
        @memory{qw(segment base index scale disp access)}, join(',', sort keys %writes) || '-';
}

# Instructions in hexadecimal -> lines of verify-decode.
sub decoded {
    open my $in, '>', "$dir/in" or die;
    print $in "$_\n" for @_;
    close $in;
    my @lines = `$decoder < $dir/in`;
    die "verify-decode failed\n" if $? || @lines != @_;
    chomp @lines;
    for (@lines) {
        s/writes=(.*)/'writes=' . join ',', sort keys %{{ map { $_ => 1 } split m{,}, $1 }}/e;
    }
    return @lines;
}

# objdump's output -> list of [hexadecimal, text]
sub disassembled {
    my @found;
    open my $objdump, '-|', 'objdump', '-d', '-w', '-M', 'att', @_ or die;
    while (<$objdump>) {
        next unless my ($bytes, $text) = /^\s*[0-9a-f]+:\t((?:[0-9a-f]{2} )+)\s*\t(.*)/;
        push @found, [ $bytes =~ s/ //gr, $text ];
    }
    close $objdump;
    return @found;
}

sub compare {
    my ($name, $least, @instructions) = @_;
    my @lines = decoded(map { $_->[0] } @instructions);
    my ($agree, $refused, @differences) = (0, 0);
    for my $i (0 .. $#lines) {
        my ($bytes, $text) = @{ $instructions[$i] };
        $text = 'nop' if $bytes =~ /90$/ && $text =~ /xchg\s+%ax,%ax$/; # 66 90
        if ($lines[$i] eq 'refused') {
            $refused++;
            next;
        }
        my $expected = expectation(length($bytes) / 2, $text);
        # lea and nop: objdump can't say that there is no access.
        if ($lines[$i] eq $expected) {
            $agree++;
        } else {
            push @differences, "$bytes  $text\n#   verifier: $lines[$i]\n#   objdump:  $expected";
        }
    }
    $test++;
    my $ok = !@differences && $agree >= $least;
    print +($ok ? 'ok' : 'not ok'), " $test - $name: $agree agree, $refused are not allowed\n";
    print "# $_\n" for splice @differences, 0, 10;
    return $ok;
}

print "1..2\n";
my $good = 1;

my @random = `$decoder random $random`;
chomp @random;
open my $file, '>:raw', "$dir/random" or die;
print $file pack('H*', $_), "\x90" x (32 - length($_) / 2) for @random;
close $file;
my (@first, $offset);
open my $objdump, '-|', 'objdump', '-D', '-w', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'att',
    "$dir/random" or die;
while (<$objdump>) {
    next unless my ($at, $bytes, $text) = /^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*\t(.*)/;
    push @first, [ $bytes =~ s/ //gr, $text ] if hex($at) % 32 == 0;
}
close $objdump;
my $lengths = 0;
for my $i (0 .. $#random) {
    $lengths++ if ($first[$i][0] // '') eq $random[$i];
}
print "# $lengths of " . @random . " random instructions have objdump's length\n";
$good &= compare('random instructions', $lengths == @random ? scalar @random : 1e9, @first);

$good &= compare('real machine code', 10000,
    disassembled(glob("$build/lib/*.a"), glob("$build/sandboxed/*.elf")));
exit !$good;
