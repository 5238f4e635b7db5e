/** The memory component. */
package io.splitkernel.mcomponent;
