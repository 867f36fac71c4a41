import { spawn, type ChildProcess } from 'node:child_process'
import { patience, plainEnvironment } from './ctrun.ts'

/** Somebody who sits at a terminal, in front of a shell: `script` of util-linux makes the terminal. */
export class Typist implements AsyncDisposable {
  readonly #child: ChildProcess
  #screen = ''
  #seen = 0

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn('script', ['-qfc', 'PS1="host> " sh -i', '/dev/null'], { env: { ...plainEnvironment(), TERM: 'xterm', NO_COLOR: '1', ...env }, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.stdout!.on('data', (chunk) => { this.#screen += String(chunk) })
  }

  /** All that was on the screen. */
  get screen(): string {
    return this.#screen
  }

  type(text: string): void {
    this.#child.stdin!.write(text)
  }

  /** Waits for a text that was not there when it was last waited for. */
  async sees(pattern: RegExp, millis = 20_000 * patience): Promise<RegExpExecArray> {
    for (const deadline = Date.now() + millis; ;) {
      const found = pattern.exec(this.#screen.slice(this.#seen))
      if (found) {
        this.#seen += found.index + found[0].length
        return found
      }
      if (Date.now() > deadline) throw new Error(`${pattern} did not come; the screen since then: ${JSON.stringify(this.#screen.slice(this.#seen))}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Types a command at a prompt, and returns what it printed. The echo of the command has no line break before the output's. */
  async asks(command: string): Promise<string> {
    this.type(`${command}; echo "<""end>"\n`)
    const [, text = ''] = await this.sees(/\r\n([^]*?)<end>\r\n/)
    return text.replaceAll('\r\n', '\n').trim()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await new Promise((resolve) => { this.#child.exitCode !== null || this.#child.signalCode !== null ? resolve(0) : this.#child.on('exit', resolve) })
  }
}
