/** The storage component. */
package io.splitkernel.scomponent;
