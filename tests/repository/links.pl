#!/usr/bin/perl
# Every relative link of every Markdown file of the tree leads to a file or folder that is there.
use strict;
use warnings;
use File::Basename qw(dirname);

# Links of a text: [words](target), not inside `code` or ``` blocks, no URL, no #anchor.
sub targets {
    my ($text) = @_;
    $text =~ s/^```.*?^```//gms;
    my @targets = $text =~ /\]\(([^)\s]+)\)/g;
    s/#.*$// for @targets;
    return grep { length && !m{^[a-z]+:} } @targets;
}

my ($tests, $failures) = (0, 0);

sub test {
    my ($good, $name, @details) = @_;
    $tests++;
    $failures++ unless $good;
    print $good ? 'ok' : 'not ok', " $tests - $name\n";
    print "#   $_\n" for @details;
}

my @found = targets("[a](b.md#c), [d](https://e), [`f`](g/h)\n```\n[i](j)\n```\n[k](#l)");
test("@found" eq 'b.md g/h', 'self-test: links are found, URLs and code are not');

my @files = split /\n/, `git ls-files --cached --others --exclude-standard '*.md' 2>/dev/null ||
    find . -name '*.md' -not -path './build/*'`;
test(@files > 0, 'there are documents');
for my $file (sort @files) {
    open my $handle, '<', $file or next;    # tracked, but removed
    local $/;
    my @broken = grep { !-e dirname($file) . "/$_" } targets(scalar <$handle> // '');
    test(!@broken, "links of $file", map { "$_ is not there" } @broken);
}
print "1..$tests\n";
exit($failures ? 1 : 0);
