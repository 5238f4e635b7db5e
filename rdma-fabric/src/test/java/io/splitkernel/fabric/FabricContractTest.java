package io.splitkernel.fabric;

/** What every provider promises; a provider's subclass says only how to open it. */
public abstract class FabricContractTest extends ListenerContract {}
