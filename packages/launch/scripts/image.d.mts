export function writeImages(launch: {
  readonly packaged: (machine: 'x64' | 'arm64') => Uint8Array
  readonly interpreterHash: Readonly<Record<'x64' | 'arm64', string>>
}): void
