package io.splitkernel.fabric.shm;

import io.splitkernel.fabric.FabricException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Memories of a fabric by id: an index, and a generation so that an old id finds nothing. */
final class MemoryDirectory {
  private static final int GENERATION_SHIFT = 12;
  private static final int GENERATIONS = 1 << 19;

  private final int memoriesMax;
  private final int[] generations;
  private final BitSet taken = new BitSet();
  private final Map<Integer, ShmMemory> memories = new ConcurrentHashMap<>();

  MemoryDirectory(int memoriesMax) {
    this.memoriesMax = memoriesMax;
    this.generations = new int[memoriesMax];
  }

  /** A fresh id, never 0. */
  synchronized int take() throws FabricException {
    int index = taken.nextClearBit(0);
    if (index >= memoriesMax) {
      throw new FabricException(
          "all " + memoriesMax + " memories are taken; raise ShmConfig.memoriesMax");
    }
    taken.set(index);
    int generation = generations[index] + 1;
    generations[index] = generation == GENERATIONS ? 1 : generation;
    return (generations[index] << GENERATION_SHIFT) | index;
  }

  synchronized void free(int id) {
    taken.clear(KeyTable.memoryIndexOf(id));
  }

  void put(ShmMemory memory) {
    memories.put(memory.id(), memory);
  }

  ShmMemory get(int id) {
    return memories.get(id);
  }

  void remove(ShmMemory memory) {
    memories.remove(memory.id());
    free(memory.id());
  }

  List<ShmMemory> all() {
    return List.copyOf(memories.values());
  }
}
