/**
 * Finds the native parts that travel in this jar. Read {@link io.splitkernel.shims.NativeParts};
 * the C itself is under {@code src/main/c}. Control path.
 */
package io.splitkernel.shims;
