/** Whether this is the machine that QEMU emulates, where everything takes ten times as long: what does not depend on the kernel is tried less often there. */
export const emulated = process.env.CTR_GUEST !== undefined
