import { decode, encode, type Fields, type Message } from './protobuf.ts'

/** What CRIU is asked, and what it says of itself. Numbers are those of images/rpc.proto of CRIU 3.17. */
const types = { DUMP: 1, RESTORE: 2, PRE_DUMP: 4, NOTIFY: 6 } as const
export type RequestType = 'DUMP' | 'RESTORE' | 'PRE_DUMP'

/** enum criu_cg_mode: what is written down of groups, and made of it again */
export const groupModes = { ignore: 0, soft: 3, full: 4, strict: 5, default: 6 } as const
export type GroupMode = keyof typeof groupModes

/** The fields of criu_opts that we use, in the names of rpc.proto. */
export interface CriuOptions {
  /** Descriptors are CRIU's own. */
  readonly images_dir_fd: number
  readonly pid?: number
  readonly leave_running?: boolean
  readonly ext_unix_sk?: boolean
  readonly tcp_established?: boolean
  readonly evasive_devices?: boolean
  readonly shell_job?: boolean
  readonly file_locks?: boolean
  readonly log_level: number
  readonly log_file: string
  readonly ps?: { readonly address: string; readonly port: number }
  readonly notify_scripts: boolean
  readonly root?: string
  readonly parent_img?: string
  readonly track_mem?: boolean
  readonly auto_dedup?: boolean
  readonly work_dir_fd: number
  readonly cg_root?: readonly { readonly ctrl: string; readonly path: string }[]
  readonly rst_sibling?: boolean
  readonly inherit_fd?: readonly { readonly key: string; readonly fd: number }[]
  readonly manage_cgroups_mode: GroupMode
  readonly external?: readonly string[]
  /** A mask of CLONE_NEW*. */
  readonly empty_ns?: number
  readonly join_ns?: readonly { readonly ns: string; readonly ns_file: string }[]
  readonly freeze_cgroup?: string
  readonly orphan_pts_master?: boolean
  readonly config_file?: string
  readonly lsm_profile?: string
  readonly lsm_mount_context?: string
}

/** criu_opts */
function fieldsOf(options: CriuOptions): Fields {
  const { ps } = options
  return [
    [1, options.images_dir_fd], [2, options.pid], [3, options.leave_running], [4, options.ext_unix_sk], [5, options.tcp_established], [6, options.evasive_devices], [7, options.shell_job], [8, options.file_locks],
    [9, options.log_level], [10, options.log_file], [11, ps && [[1, ps.address], [2, ps.port]]], [12, options.notify_scripts], [13, options.root], [14, options.parent_img], [15, options.track_mem], [16, options.auto_dedup],
    [17, options.work_dir_fd], [25, options.cg_root?.map(({ ctrl, path }): Fields => [[1, ctrl], [2, path]])], [26, options.rst_sibling],
    [27, options.inherit_fd?.map(({ key, fd }): Fields => [[1, key], [2, fd]])], [34, groupModes[options.manage_cgroups_mode]], [37, options.external], [38, options.empty_ns],
    [39, options.join_ns?.map(({ ns, ns_file }): Fields => [[1, ns], [2, ns_file]])], [44, options.freeze_cgroup], [50, options.orphan_pts_master], [51, options.config_file], [53, options.lsm_profile], [63, options.lsm_mount_context],
  ]
}

export const request = (type: RequestType, options: CriuOptions): Uint8Array => encode([[1, types[type]], [2, fieldsOf(options)]])

/** The answer to a notification: CRIU goes on, or gives up. */
export const answer = (success: boolean): Uint8Array => encode([[1, types.NOTIFY], [3, success]])

/** What CRIU says. */
export interface Response {
  readonly success: boolean
  /** It waits for our answer: what it has come to, and the process that it is about. */
  readonly notify?: { readonly script: string; readonly pid?: number }
  /** The first process, of one that was restored. */
  readonly pid?: number
  readonly errno?: number
  readonly message?: string
}

/** criu_resp @throws SyntaxError */
export function parseResponse(bytes: Uint8Array): Response {
  const message = decode(bytes)
  const [notify, restore] = [part(message, 5), part(message, 4)]
  const [errno, said] = [numberOf(message, 7), textOf(message, 9)]
  const [about, pid] = [notify && numberOf(notify, 2), restore && numberOf(restore, 1)]
  return {
    success: numberOf(message, 2) === 1,
    ...(numberOf(message, 1) === types.NOTIFY && notify ? { notify: { script: textOf(notify, 1) ?? '', ...(about === undefined ? {} : { pid: about }) } } : {}),
    ...(pid === undefined ? {} : { pid }), ...(errno ? { errno } : {}), ...(said ? { message: said } : {}),
  }
}

/** The last that came counts. */
function numberOf(message: Message, field: number): number | undefined {
  const value = message.get(field)?.at(-1)
  return typeof value === 'number' ? value : undefined
}

function bytesOf(message: Message, field: number): Uint8Array | undefined {
  const value = message.get(field)?.at(-1)
  return typeof value === 'object' ? value : undefined
}

const textOf = (message: Message, field: number): string | undefined => {
  const bytes = bytesOf(message, field)
  return bytes && new TextDecoder().decode(bytes)
}

const part = (message: Message, field: number): Message | undefined => {
  const bytes = bytesOf(message, field)
  return bytes && decode(bytes)
}
