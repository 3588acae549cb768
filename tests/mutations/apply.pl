#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Reads lists of deliberate faults, and puts one of them into a source tree.
#   apply.pl --list FILE...             names and sentences, tab between, one fault a line
#   apply.pl --check ROOM FILE...       whether each has its one place in ROOM/*.{h,cc}
#   apply.pl --put NAME ROOM FILE...    changes that place, prints which file
use strict;
use warnings;

my $mode = shift @ARGV // '';
my ($wanted, $room);
if ($mode eq '--put') {
  $wanted = shift @ARGV // die "apply.pl: which fault?\n";
  $room = shift @ARGV // die "apply.pl: where?\n";
} elsif ($mode eq '--check') {
  $room = shift @ARGV // die "apply.pl: where?\n";
} elsif ($mode ne '--list') {
  die "apply.pl: --list, --check or --put\n";
}

# A fault is "fault NAME: SENTENCE", then lines that begin with "-" (what stands there) and with "+"
# (what stands there instead). Empty lines and those with "#" are notes.
my (@faults, %known);
for my $path (@ARGV) {
  open(my $in, '<', $path) or die "$path: $!\n";
  while (my $line = <$in>) {
    chomp $line;
    if ($line =~ /^fault ([a-z0-9_]+): (\S.*)$/) {
      die "$path:$.: fault $1 stands here for the second time\n" if $known{$1}++;
      push @faults, {name => $1, what => $2, at => "$path:$.", from => [], to => []};
    } elsif ($line =~ /^-(.*)$/ && @faults) {
      die "$path:$.: what stands there comes first\n" if @{$faults[-1]{to}};
      push @{$faults[-1]{from}}, $1;
    } elsif ($line =~ /^\+(.*)$/ && @faults) {
      push @{$faults[-1]{to}}, $1;
    } elsif ($line !~ /^(#.*)?$/) {
      die "$path:$.: neither a fault nor a line of one\n";
    }
  }
  close $in;
}
for my $fault (@faults) {
  die "$fault->{at}: no line that begins with -\n" unless grep { /\S/ } @{$fault->{from}};
}
if ($mode eq '--list') {
  print "$_->{name}\t$_->{what}\n" for @faults;
  exit 0;
}

# Where a fault belongs, as [file, its text, begin, end]. White space may differ, so that a
# reformatted file is still found.
sub places {
  my ($fault) = @_;
  my $pattern = join '\s+', map { quotemeta } split ' ', join "\n", @{$fault->{from}};
  my @found;
  for my $file (sort glob("$room/*.h $room/*.cc")) {
    open(my $in, '<', $file) or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    close $in;
    push @found, [$file, $text, $-[0], $+[0]] while $text =~ /$pattern/g;
  }
  return @found;
}

if ($mode eq '--check') {
  my $wrong = 0;
  for my $fault (@faults) {
    my $count = places($fault);
    next if $count == 1;
    print "$fault->{at}: $fault->{name}: found in $count places, not in one\n";
    $wrong = 1;
  }
  exit $wrong;
}

my ($fault) = grep { $_->{name} eq $wanted } @faults;
die "apply.pl: no fault $wanted\n" unless $fault;
my @found = places($fault);
die "$fault->{at}: found in " . scalar(@found) . " places, not in one\n" unless @found == 1;
my ($file, $text, $begin, $end) = @{$found[0]};
substr($text, $begin, $end - $begin) = join "\n", @{$fault->{to}};
open(my $out, '>', $file) or die "$file: $!\n";
print {$out} $text;
close $out or die "$file: $!\n";
print "$file\n";
