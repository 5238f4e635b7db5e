/** What components say to each other: SBE messages, RPC, identity, authentication. */
package io.splitkernel.protocol;
