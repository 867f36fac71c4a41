import { interpreterHash, packaged } from '../src/index.ts'
import { writeImages } from '../scripts/image.mjs'

/** The images that the build of the package would have written. */
writeImages({ packaged, interpreterHash })

/** Both ways to execute the interpreter. */
export const images = ['memfd', 'file'] as const
