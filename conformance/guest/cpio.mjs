// The newc form of cpio, which is what the kernel unpacks as its first root file system.
// See Documentation/driver-api/early-userspace/buffer-format.rst.

/** @typedef {{ path: string, mode: number, data?: Buffer }} Entry */

const S_IFDIR = 0o040000
const S_IFREG = 0o100000

/** @returns {Entry} */
export const directory = (path) => ({ path, mode: S_IFDIR | 0o755 })
/** @returns {Entry} */
export const file = (path, data, mode = 0o755) => ({ path, mode: S_IFREG | mode, data: Buffer.from(data) })

const padded = (bytes) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])

function entry({ path, mode, data = Buffer.alloc(0) }, ino) {
  const name = Buffer.from(`${path}\0`)
  // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, c_maj, c_min, c_rmaj, c_rmin, c_namesize, c_chksum
  const fields = [ino, mode, 0, 0, 1, 0, data.length, 0, 0, 0, 0, name.length, 0]
  const header = `070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(data)])
}

/** @param {Entry[]} entries */
export const cpio = (entries) =>
  Buffer.concat([...entries.map((each, index) => entry(each, index + 1)), entry({ path: 'TRAILER!!!', mode: 0 }, 0)])
