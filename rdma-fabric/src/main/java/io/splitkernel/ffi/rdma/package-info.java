/**
 * libibverbs and librdmacm, in the C names and types of their headers; the inline functions of the
 * headers go through the function pointers of the device context. {@link
 * io.splitkernel.ffi.rdma.RdmaLibraries} tells whether they are installed: nothing else here may be
 * touched where they are not. What a class returns is the library's result, a pointer as a number
 * or {@code -errno}; no policy.
 */
package io.splitkernel.ffi.rdma;
