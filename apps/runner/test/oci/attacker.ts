import { existsSync } from 'node:fs'
import type { BundleConfig } from './oci.ts'

// Numbers of arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
const ptrace = process.arch === 'arm64' ? 117 : 101
const [pidfdOpen, pidfdGetfd, seize] = [434, 438, 0x4206]
/** WNOHANG and __WALL: what it traces ends for its parent when it has waited for it (ptrace(2)). */
const nohang = 0x40000001

/**
 * A Perl program for a container: root there, it tries to trace every process of ours, to take its descriptors, and to look through them, its
 * maps and its environment, again and again. It says `NAME seen` of whatever it meets, and `NAME: what it got` of what is still called so
 * afterwards, each once.
 */
const source = String.raw`
$| = 1;
my (%told, $own); $own = $$;
sub name { open(my $f, '<', "/proc/$_[0]/comm") or return ''; my $n = <$f> // ''; chomp $n; return $n }
sub tell_ { print "$_[0]\n" unless $told{$_[0]}++ }
tell_('ready');
for (;;) {
  opendir(my $proc, '/proc');
  for my $pid (grep { /^\d+$/ && $_ != $own } readdir $proc) {
    my $name = name($pid) or next;
    tell_("$name seen");
    1 while waitpid(-1, ${nohang}) > 0;
    next unless $name =~ /^ctr/;
    my $try = sub { my ($what, $get) = @_; my $got = $get->(); tell_("$name: $what" . ($got eq '1' ? '' : " $got")) if $got && name($pid) eq $name };
    my $pidfd = syscall(${pidfdOpen}, $pid + 0, 0);
    if ($pidfd >= 0) {
      for my $fd (0 .. 12) { $try->("descriptor $fd", sub { my $n = syscall(${pidfdGetfd}, $pidfd, $fd, 0); return '' if $n < 0; open(my $h, "<&=$n"); 1 }) }
      open(my $h, "<&=$pidfd");
    }
    $try->('traced', sub { syscall(${ptrace}, ${seize}, $pid + 0, 0, 0) == 0 });
    for my $file ('environ', 'maps') { $try->($file, sub { open(my $h, '<', "/proc/$pid/$file") && sysread($h, my $x, 1) }) }
    for my $link ('exe', 'cwd', 'root', map { "fd/$_" } 0 .. 12) { $try->($link, sub { readlink("/proc/$pid/$link") // '' }) }
  }
}`

/** The command of the container is the attacker; Perl is the host's. */
export function attack(config: BundleConfig): void {
  config.mounts.push(...['/usr', '/lib', '/lib64'].filter((path) => existsSync(path)).map((path) => ({ destination: path, type: 'bind', source: path, options: ['rbind', 'ro'] })))
  config.process.args = ['/usr/bin/perl', '-e', source]
}
