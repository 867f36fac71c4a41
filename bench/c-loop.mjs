/**
 * The yardstick: the same kernel calls as one `run()`, made by a loop in C. The calls of the container itself come from the program that
 * `container()` returns, as a file of records; what the parent does around them (directories, descriptors, waiting) is written out here.
 * The C text is made, compiled and deleted by the benchmark: no C is part of this repository.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleProgram } from '../packages/launch/dist/index.js'
import { programAddress, record, status, statusAddress, statusBytes } from '../packages/launch/dist/layout.js'

const source = (directories, state, open) => `
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *directories[] = { ${directories.map((d) => JSON.stringify(d)).join(', ')} };
enum { count = sizeof directories / sizeof *directories };
static char *copy; static size_t size;

static void interpret(void) {
  char *rec = *(char **)${programAddress}UL;
  for (;;) {
    uint64_t page = *(uint64_t *)(rec + ${record.page}), *w = (uint64_t *)rec; uint8_t *allow = (uint8_t *)(rec + ${record.allow}), *retry = (uint8_t *)(rec + ${record.retry});
    uint32_t tries = *(uint32_t *)(rec + ${record.tries}); long r;
  again:
    *(uint32_t *)(page + ${status.index}) = *(uint32_t *)(rec + ${record.index});
    r = syscall(w[0], w[1], w[2], w[3], w[4], w[5], w[6]);
    if (r == -1) {
      r = -errno;
      for (int i = 0; i < 8 && allow[i]; i++) if (allow[i] == -r) goto keep;
      for (int i = 0; i < 8 && retry[i]; i++) if (retry[i] == -r && tries--) goto again;
      *(uint32_t *)(page + ${status.errno}) = -r; *(uint32_t *)(page + ${status.state}) = 1; _exit(-r);
    }
    if (*(int64_t *)(rec + ${record.returns}) != -1 && *(int64_t *)(rec + ${record.returns}) != r) _exit(1);
    if (*(uint64_t *)(rec + ${record.fork}) && r != 0) { rec = *(char **)(rec + ${record.fork}); continue; }
  keep:
    for (uint64_t *p = *(uint64_t **)(rec + ${record.patches}); *p; p++) *(uint32_t *)*p = r;
    rec += ${record.bytes};
  }
}

static void once(void) {
  int control[2], life[2], s, cgroup = -1;
  mkdir("${state}.draft", 0700); mkdir("${state}.draft/root", 0700);
  int name = open("${state}.draft", O_RDONLY|O_DIRECTORY|O_CLOEXEC); if (flock(name, LOCK_EX|LOCK_NB)) abort();
  s = open("${state}.draft/state.json", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644); if (write(s, copy, 700) < 0) abort(); close(s);
  rename("${state}.draft", "${state}");
  for (int i = 0; i < count; i++) if (mkdir(directories[i], 0755)) { perror(directories[i]); exit(1); }
  if (socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, control) || pipe2(life, O_CLOEXEC)) abort();
  s = memfd_create("status", MFD_CLOEXEC); if (ftruncate(s, ${statusBytes})) abort();
  cgroup = open(directories[count - 1], O_RDONLY|O_DIRECTORY|O_CLOEXEC);
  int null = open("/dev/null", O_RDWR|O_CLOEXEC);
  memcpy((void *)${programAddress}UL, copy, size);
  pid_t stage = fork();
  if (stage == 0) {
    for (int i = 0; i < 3; i++) dup2(null, i);
    int high = 100, fds[] = { ${open.map((name) => ({ control: 'control[1]', cgroup: 'cgroup', name: 'name', life: 'life[0]', status: 's' })[name]).join(', ')} };
    for (int i = 0; i < ${open.length}; i++) dup2(fds[i], high + i);
    for (int i = 0; i < ${open.length}; i++) dup2(high + i, 3 + i);
    interpret();
  }
  close(control[1]); close(life[0]); close(cgroup); close(null);
  char byte; if (read(control[0], &byte, 1) != 0) abort();
  char head[256]; if (pread(s, head, 256, 0) != 256) abort();
  if (*(uint32_t *)(head + ${status.state})) { fprintf(stderr, "call %u failed with errno %u\\n", *(uint32_t *)(head + ${status.index}), *(uint32_t *)(head + ${status.errno})); exit(1); }
  int w = open("${state}/state.json.new", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0644); if (write(w, copy, 900) < 0) abort(); close(w); rename("${state}/state.json.new", "${state}/state.json");
  pid_t pid = *(uint32_t *)(head + ${status.pid}); int fd = syscall(SYS_pidfd_open, pid, 0); siginfo_t info;
  struct pollfd p = { fd, POLLIN, 0 }; poll(&p, 1, -1); waitid(P_PIDFD, fd, &info, WEXITED|__WALL);
  if (info.si_status != 0) { fprintf(stderr, "status %d\\n", info.si_status); exit(1); }
  if (write(life[1], "q", 1) != 1) abort();
  waitpid(stage, NULL, 0); close(life[1]); close(fd); close(s); close(control[0]);
  for (int i = 0; i < count; i++) while (rmdir(directories[i]) && errno == EBUSY) usleep(100);
  unlink("${state}/state.json"); rmdir("${state}/root"); rmdir("${state}"); close(name);
}

int main(int argc, char **argv) {
  int n = atoi(argv[2]), f = open(argv[1], O_RDONLY); struct stat st; fstat(f, &st); size = st.st_size;
  copy = malloc(size); if (read(f, copy, size) != (ssize_t)size) abort(); close(f);
  mmap((void *)${programAddress}UL, size + 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0);
  mmap((void *)${statusAddress}UL, ${statusBytes}UL, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0);
  for (int i = 0; i < n; i++) {
    struct timespec a, b; clock_gettime(CLOCK_MONOTONIC, &a); once(); clock_gettime(CLOCK_MONOTONIC, &b);
    printf("%f\\n", (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6);
  }
}
`

/** Compiles the loop once; the result runs it n times and returns the milliseconds of each. */
export function cLoop({ plan, directories, state }) {
  const directory = mkdtempSync(join(tmpdir(), 'ctr-bench-'))
  writeFileSync(join(directory, 'program'), assembleProgram(plan, process.arch))
  writeFileSync(join(directory, 'loop.c'), source(directories, state, Object.keys(plan.open)))
  execFileSync('cc', ['-O2', '-o', join(directory, 'loop'), join(directory, 'loop.c')], { stdio: 'inherit' })
  return {
    run: (n) => execFileSync(join(directory, 'loop'), [join(directory, 'program'), String(n)], { encoding: 'utf8' }).trim().split('\n').map(Number),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  }
}
