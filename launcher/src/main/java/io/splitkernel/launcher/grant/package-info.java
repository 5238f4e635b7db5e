/**
 * Gives a group of users what Lego needs that only an administrator can give. Read {@link
 * io.splitkernel.launcher.grant.Grant}; what each part is for is said in {@link
 * io.splitkernel.pcomponent.access}. Control path, one thread.
 */
package io.splitkernel.launcher.grant;
