import type { Machine } from '@ctr/syscall'

/** SHA-256 of the interpreter as an executable file, `image/interpreter-x64` and `-arm64`: what a package must contain, byte for byte. */
export const interpreterHash: Readonly<Record<Machine, string>> = {
  x64: '95222750a4aa8d79af78ee9ac0e5f0fab8ff6059f9a8baea5ab1e5b115ff9c85',
  arm64: 'ff153ea85c9eb91b507e52965f90231dba518c5567f7f4fdfe7e6db23b72e72c',
}
