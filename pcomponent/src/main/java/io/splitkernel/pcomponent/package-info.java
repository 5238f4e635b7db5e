/** The processor component. */
package io.splitkernel.pcomponent;
