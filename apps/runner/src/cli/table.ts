/** One column of a table. */
export interface Column<Row> {
  readonly title: string
  value(row: Row): string
  /** Digits line up at the right. */
  readonly right?: boolean
  /** How many columns it must keep when its middle is left out; without it, it is never cut. */
  readonly least?: number
  /** Dropped first when the terminal is too narrow: the highest. Without it, never. */
  readonly drop?: number
}

export interface TableOptions {
  /** Columns of the terminal; undefined when there is none: nothing is cut, and tabs separate. */
  readonly width: number | undefined
  readonly full?: boolean
}

/** Rows as lines of equal columns that fit the terminal: what is wide loses its middle, then what is unimportant goes. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], { width, full = false }: TableOptions): string {
  if (width === undefined) return [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.value(row)))].map((cells) => cells.join('\t') + '\n').join('')
  let shown = columns
  for (;;) {
    const widths = fit(shown, rows, full ? Infinity : width)
    const least = [...shown].filter(({ drop }) => drop !== undefined).sort((a, b) => b.drop! - a.drop!)[0]
    if (widths !== undefined || least === undefined) return draw(shown, rows, widths ?? natural(shown, rows), full ? Infinity : width)
    shown = shown.filter((column) => column !== least)
  }
}

const gap = 2

function natural<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): number[] {
  return columns.map((column) => Math.max(cells(column.title), ...rows.map((row) => cells(column.value(row)))))
}

/** The widths, with the widest of those that may be cut made narrower until all fit; undefined where they do not. */
function fit<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): number[] | undefined {
  const widths = natural(columns, rows)
  const least = columns.map(({ least, title }, i) => (least === undefined ? widths[i]! : Math.min(widths[i]!, Math.max(least, title.length))))
  const sum = () => widths.reduce((total, each) => total + each, 0) + gap * (columns.length - 1)
  while (sum() > width) {
    let widest = -1
    for (let i = 0; i < widths.length; i++) if (widths[i]! > least[i]! && (widest < 0 || widths[i]! > widths[widest]!)) widest = i
    if (widest < 0) return undefined
    widths[widest]!--
  }
  return widths
}

function draw<Row>(columns: readonly Column<Row>[], rows: readonly Row[], widths: readonly number[], width: number): string {
  const line = (values: readonly string[]) => {
    const text = values.map((value, i) => {
      const short = elide(value, widths[i]!)
      const space = ' '.repeat(widths[i]! - cells(short))
      return columns[i]!.right ? space + short : short + space
    }).join(' '.repeat(gap)).trimEnd()
    return `${cells(text) > width ? elide(text, width) : text}\n`
  }
  return [columns.map(({ title }) => title), ...rows.map((row) => columns.map((column) => column.value(row)))].map(line).join('')
}

/** At most so many columns, the middle gone: both ends of a path or an id say something. */
export function elide(text: string, columns: number): string {
  if (cells(text) <= columns) return text
  if (columns < 2) return '…'.slice(0, columns)
  const characters = [...text]
  let [head, tail] = ['', '']
  while (characters.length > 0) {
    const first = characters.shift()!
    if (cells(head + first + tail) + 1 > columns) break
    head += first
    const last = characters.pop()
    if (last === undefined || cells(head + tail + last) + 1 > columns) break
    tail = last + tail
  }
  return `${head}…${tail}`
}

/** Columns that a text takes: East Asian characters and emoji two, marks that combine none. */
export function cells(text: string): number {
  let sum = 0
  for (const character of text) {
    const point = character.codePointAt(0)!
    if (point < 0x300) sum += 1
    else if (!/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) sum += wide(point) ? 2 : 1
  }
  return sum
}

/** @see Unicode Standard Annex 11, East Asian Width: W and F, in blocks */
function wide(point: number): boolean {
  return (point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf && point !== 0x303f) || (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) || (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60) || (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x1f300 && point <= 0x1faff) || (point >= 0x20000 && point <= 0x3fffd)
}
