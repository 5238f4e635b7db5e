/**
 * A storage component put together: {@link io.splitkernel.scomponent.node.StorageComponent} serves
 * a store over the fabric and is a member of a cluster. Control path.
 */
package io.splitkernel.scomponent.node;
