/**
 * The bytes of a memory component, cut into extents of equal size. {@link
 * io.splitkernel.mcomponent.pool.ExtentPool} is the room. Control path.
 */
package io.splitkernel.mcomponent.pool;
