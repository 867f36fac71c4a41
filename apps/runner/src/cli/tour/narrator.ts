import { setTimeout as delay } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { Colours } from '../colour.ts'
import { wrap } from '../help.ts'
import { outColours, print } from '../output.ts'

/** Who tells the tour: at reading speed on a terminal, and without waiting elsewhere. */
export class Narrator {
  readonly colours: Colours = outColours()
  readonly #slow = isatty(1)
  #scene = 0

  async scene(title: string): Promise<void> {
    await this.pause(1.2)
    print(`\n${this.colours.bold(`${++this.#scene}. ${title}`)}\n`)
    await this.pause(0.6)
  }

  async say(text: string): Promise<void> {
    print(wrap(text, 76).map((line) => `   ${line}\n`).join(''))
    await this.pause(0.35)
  }

  /** What the kernel said, and what it was asked. */
  async show(asked: string, answer: string): Promise<void> {
    const [first = '', ...rest] = wrap(`$ ${asked}`, 76)
    print(`   ${[first, ...rest.map((line) => `     ${line}`)].map(this.colours.dim).join('\n')}\n${answer.replace(/\n*$/, '\n').replaceAll(/^(?=.)/gm, '   ')}`)
    await this.pause(0.7)
  }

  async line(text: string, seconds = 0.25): Promise<void> {
    print(`   ${text}\n`)
    await this.pause(seconds)
  }

  async pause(seconds: number): Promise<void> {
    if (this.#slow) await delay(seconds * 680)
  }
}
