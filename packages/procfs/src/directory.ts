/**
 * How bytes become strings. File names and command names are bytes, not text: `utf8` turns those that are no UTF-8
 * into U+FFFD, `latin1` keeps every byte as one character (`Buffer.from(string, 'latin1')` gives it back).
 */
export type ProcEncoding = 'utf8' | 'latin1'

/** Byte order of the machine whose procfs it is: network tables and auxv show its words as they are in memory. */
export type Endianness = 'LE' | 'BE'

/** What all directories of a procfs have in common. */
export interface ProcView {
  readonly encoding: ProcEncoding
  readonly endianness: Endianness
}

/** Shared by a held directory and all below it: when it is closed, the descriptor's number may soon be something else. */
export interface Hold {
  readonly base: string
  closed: boolean
}

/**
 * A directory of a procfs: its root, or that of a process, a thread or a network namespace. It is a name, and reads nothing:
 * readings ask for what is in it, and an interpreter answers.
 */
export class Directory {
  readonly view: ProcView
  /** As in messages: `/proc/1`. */
  readonly path: string
  /** Whose it is; undefined for what belongs to the machine. */
  readonly pid: number | undefined
  /** What is opened: the path or, below a held directory, its descriptor's link. */
  readonly base: string
  readonly hold: Hold | undefined
  /** Whose absence means that the process or thread is gone. */
  readonly task: Directory
  /** Of the procfs. */
  readonly root: Directory

  private constructor(view: ProcView, path: string, pid?: number, base?: string, hold?: Hold, task?: Directory, root?: Directory) {
    this.view = view
    this.path = path
    this.pid = pid
    this.base = base ?? path
    this.hold = hold
    this.task = task ?? this
    this.root = root ?? this
  }

  static ofRoot(view: ProcView, path: string): Directory {
    return new Directory(view, path)
  }

  /** Of a root: the directory of a process, which need not be there. */
  process(pid: number, hold?: Hold): Directory {
    if (!Number.isSafeInteger(pid) || pid < 1) throw new RangeError(`Cannot read the process with PID ${pid}`)
    return new Directory(this.view, `${this.path}/${pid}`, pid, hold?.base, hold, undefined, this)
  }

  /** The directory of a thread: it can be gone while the process lives. */
  thread(tid: number): Directory {
    return new Directory(this.view, `${this.path}/task/${tid}`, this.pid, `${this.base}/task/${tid}`, this.hold, undefined, this.root)
  }

  /** A directory below this one that is there for as long as this one is. */
  child(name: string): Directory {
    return new Directory(this.view, `${this.path}/${name}`, this.pid, `${this.base}/${name}`, this.hold, this.task, this.root)
  }
}
