/** Architecture tests, end-to-end tests, scripts. */
package io.splitkernel.ci;
