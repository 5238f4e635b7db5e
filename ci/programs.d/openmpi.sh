title='OpenMPI with two ranks'
least=24 # process_vm_readv pins up to 4 MiB of each rank at a time
packages='openmpi-bin libopenmpi-dev gcc libc6-dev'

setup() {
  cat >program.c <<'TEXT'
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
    int rank, size, n = 2000000;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), sum = 0, all;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < n; i++) a[i] = (double)i * (rank + 1) + round;
        MPI_Sendrecv(a, n, MPI_DOUBLE, 1 - rank, 0, b, n, MPI_DOUBLE, 1 - rank, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        for (int i = 0; i < n; i++) sum += b[i] - a[i] * 0.5;
        MPI_Allreduce(&sum, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    }
    if (rank == 0) printf("%d ranks, %.1f\n", size, all);
    MPI_Finalize();
    return 0;
}
TEXT
  mpicc -O1 -o program program.c
}

run() {
  export HOME=$PWD TMPDIR=$PWD OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  mpirun --oversubscribe --mca btl self,vader --mca plm isolated -np 2 "$work/program"
}
