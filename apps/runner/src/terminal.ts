export { messageSockets, receiveDescriptor, receiveMaster, resize, takeMaster, TerminalStreams, type TerminalSize } from '@ctr/launch/terminal'
