/**
 * DiSNI's programming interface ({@code com.ibm.disni}, version 2.1) on this project's bindings: a
 * program that was written for DiSNI runs without DiSNI's JNI library.
 *
 * <p>Read {@link io.splitkernel.fabric.disni.DisniProvider} first. DiSNI's classes call an {@code
 * RdmaCm} and an {@code RdmaVerbs}; both are implemented here, and so is everything they hand out.
 * DiSNI's jar is used as it is. This package needs it on the class path; nothing else does.
 *
 * <p>Errors are {@link java.io.IOException}s, as everywhere in DiSNI. Threads are DiSNI's: its
 * endpoint groups start them. {@code execute()} of a call is data path; making one is not.
 */
package io.splitkernel.fabric.disni;
