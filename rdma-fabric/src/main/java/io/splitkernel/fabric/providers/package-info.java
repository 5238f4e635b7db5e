/** Opens a provider by the name that users write; see {@code FabricProviders}. Control path. */
package io.splitkernel.fabric.providers;
