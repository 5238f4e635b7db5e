/**
 * The only room with a {@code Linker}: one class per native library or kernel interface, in C names
 * and C types. {@link io.splitkernel.ffi.Syscall} is the door to the kernel; what a class here
 * returns is the kernel's own result, a value or {@code -errno}. No policy.
 */
package io.splitkernel.ffi;
