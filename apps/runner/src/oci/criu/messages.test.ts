import { expect, test } from 'vitest'
import { answer, parseResponse, request } from './messages.ts'
import { encode } from './protobuf.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const least = { images_dir_fd: 20, work_dir_fd: 21, log_file: 'l', log_level: 4, notify_scripts: true, manage_cgroups_mode: 'default' } as const

// Compared with what protoc 3.21 makes of the same text: protoc --encode=criu_req images/rpc.proto, of CRIU 3.17.1.
test('requests are what protoc makes of them', () => {
  expect(hex(request('DUMP', least))).toBe('0801120f0814480452016c6001880115900206')
  expect(hex(request('RESTORE', {
    ...least, pid: 300, tcp_established: true, ps: { address: 'h', port: 9 }, root: '/r', cg_root: [{ ctrl: '', path: '/g' }], rst_sibling: true, inherit_fd: [{ key: 'k', fd: 1 }], manage_cgroups_mode: 'full', external: ['a', 'b'],
    empty_ns: 0x40000000, join_ns: [{ ns: 'ipc', ns_file: '/i' }], freeze_cgroup: 'f', orphan_pts_master: true, config_file: 'c', lsm_profile: 'p', lsm_mount_context: 'm',
  }))).toBe('08021261081410ac022801480452016c5a050a0168100960016a022f72880115ca01060a0012022f67d00101da01050a016b1001900204aa020161aa020162b0028080808004ba02090a0369706312022f69e20201669003019a030163aa030170fa03016d')
  expect([hex(answer(true)), hex(answer(false))]).toEqual(['08061801', '08061800'])
})

test('what CRIU says', () => {
  expect(parseResponse(encode([[1, 6], [2, true], [5, [[1, 'post-restore'], [2, 316]]]]))).toEqual({ success: true, notify: { script: 'post-restore', pid: 316 } })
  expect(parseResponse(encode([[1, 6], [2, true], [5, [[1, 'network-lock']]]]))).toEqual({ success: true, notify: { script: 'network-lock' } })
  expect(parseResponse(encode([[1, 2], [2, true], [4, [[1, 316]]]]))).toEqual({ success: true, pid: 316 })
  expect(parseResponse(encode([[1, 1], [2, false], [7, 17], [9, 'no']]))).toEqual({ success: false, errno: 17, message: 'no' })
  // As CRIU 3.17 answers where it knows nothing of the kernel.
  expect(parseResponse(Buffer.from('080110001a020800', 'hex'))).toEqual({ success: false })
  expect(() => parseResponse(Buffer.from('0a', 'hex'))).toThrow('is cut')
})
