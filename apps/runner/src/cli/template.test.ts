import { expect, test } from 'vitest'
import { fillTemplate } from './template.ts'

const value = { Id: 'abc', State: { Pid: 4711, Running: true, Reason: null }, Args: ['a', 'b'], HostConfig: { CapAdd: [] } }

test.each([
  ['{{.State.Pid}}', '4711'], ['{{ .State.Pid }}', '4711'], ['{{.Id}} {{.State.Running}}', 'abc true'], ['{{json .State}}', '{"Pid":4711,"Running":true,"Reason":null}'],
  ['{{.Args}}', '[a b]'], ['{{.HostConfig.CapAdd}}', '[]'], ['{{.State.Reason}}', '<no value>'], ['{{.Id}}\\t{{.State.Pid}}', 'abc\t4711'], ['plain', 'plain'], ['{{json .}}', JSON.stringify(value)],
])('%s', (template, text) => {
  expect(fillTemplate(template, value)).toBe(text)
})

test.each([
  ['{{.State.pid}}', 'no "pid"', 'did you mean Pid?'], ['{{.Stat.Pid}}', 'no "Stat"', 'did you mean State?'], ['{{range .Args}}', 'not understood', '{{.State.Pid}}'],
  ['{{.Id.Long}}', 'no "Long"', 'nothing below'], ['{{.constructor}}', 'no "constructor"', ''], ['{{.State.__proto__}}', 'no "__proto__"', ''],
])('%s says what is wrong', (template, message, fix) => {
  expect(() => fillTemplate(template, value)).toThrow(expect.objectContaining({ message: expect.stringContaining(message), fix: [expect.stringContaining(fix)] }))
})
