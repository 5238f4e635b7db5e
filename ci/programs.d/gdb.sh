title='gdb: breakpoint, backtrace, values, watchpoint, attach'
packages='gdb gcc libc6-dev'
core=yes

setup() {
  cat >program.c <<'TEXT'
#include <stdio.h>
#include <stdlib.h>
struct node { struct node *next; long value; };
static long total;
static void visit(const struct node *node) { total += node->value; }
static struct node *build(int count) {
    struct node *head = NULL;
    for (int i = 0; i < count; i++) {
        struct node *node = malloc(4000);
        node->next = head;
        node->value = i;
        head = node;
    }
    return head;
}
int main(void) {
    for (struct node *node = build(10000); node; node = node->next) visit(node);
    printf("total %ld\n", total);
    return 3;
}
TEXT
  gcc -g -O0 -o program program.c
}

run() {
  gdb -nx -batch -ex 'set debuginfod enabled off' -ex 'break visit if node->value == 5000' -ex run -ex bt \
    -ex 'print *node->next' -ex 'print node->next->next->value' -ex 'info threads' -ex delete \
    -ex 'watch total if total > 49990000' -ex continue -ex 'print total > 0' -ex delete -ex continue \
    "$work/program"
  echo "status $?"
}

normalize() {
  sed -E -e 's/0x[0-9a-f]+/ADDRESS/g' -e 's/(process|Thread|LWP) [0-9]+/\1 N/g' -e 's/ +Frame $/ Frame/' -e '/debuginfo|libthread_db/d' \
    -e 's|/[^ ]*/work/|WORK/|g'
}
