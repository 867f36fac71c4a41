import { expect, test } from 'vitest'
import { compile, print, type Profile } from './index.ts'

const profile: Profile = {
  defaultAction: 'SCMP_ACT_ERRNO', architectures: ['SCMP_ARCH_X86'],
  syscalls: [{ names: ['read', 'write', 'open', 'close'], action: 'SCMP_ACT_ALLOW' }, { names: ['clone'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 0x7e020000, valueTwo: 0 }] }],
}

test('a filter as text', () => {
  expect(print(compile(profile, { machine: 'x64' }).instructions).join('\n')).toMatchInlineSnapshot(`
    "(000) ld       [4]                           ; architecture
    (001) jeq      #0xc000003e      jt 2	jf 8    ; x86-64
    (002) ld       [0]                           ; number
    (003) jge      #0x4             jt 4	jf 17   ; stat
    (004) jge      #0x38            jt 5	jf 18   ; clone
    (005) jge      #0x39            jt 6	jf 14   ; fork
    (006) jge      #0x40000000      jt 7	jf 13   ; read
    (007) jge      #0xffffffff      jt 18	jf 19
    (008) jeq      #0x40000003      jt 9	jf 19   ; x86
    (009) ld       [0]                           ; number
    (010) jge      #0x7             jt 11	jf 16  ; waitpid
    (011) jge      #0x78            jt 12	jf 18  ; clone
    (012) jge      #0x79            jt 13	jf 14  ; setdomainname
    (013) ret      #0x50026                      ; ERRNO(ENOSYS)
    (014) ld       [16]                          ; argument 0, lower half
    (015) jset     #0x7e020000      jt 18	jf 17
    (016) jge      #0x3             jt 17	jf 18  ; read
    (017) ret      #0x7fff0000                   ; ALLOW
    (018) ret      #0x50001                      ; ERRNO(EPERM)
    (019) ret      #0x0                          ; KILL_THREAD"
  `)
})

test('the notation alone', () => {
  expect(print([[0x20, 0, 0, 4], [0x54, 0, 0, 15], [0x45, 0, 1, 0x10], [5, 0, 0, 1], [0x06, 0, 0, 0x7fff0000], [0x06, 0, 0, 0], [0x87, 0, 0, 0]], { notes: false })).toEqual([
    '(000) ld       [4]',
    '(001) and      #0xf',
    '(002) jset     #0x10            jt 3\tjf 4',
    '(003) ja       5',
    '(004) ret      #0x7fff0000',
    '(005) ret      #0x0',
    '(006) .word    135, 0, 0, #0x0',
  ])
})
