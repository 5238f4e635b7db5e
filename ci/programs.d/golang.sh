title='Go: garbage collection, goroutines, channels'
packages='golang-go'

setup() {
  cat >program.go <<'TEXT'
package main

import (
	"crypto/sha256"
	"fmt"
	"runtime"
	"sort"
	"sync"
)

type node struct {
	left, right *node
	key         uint32
}

func insert(n *node, key uint32) *node {
	if n == nil {
		return &node{key: key}
	}
	if key < n.key {
		n.left = insert(n.left, key)
	} else {
		n.right = insert(n.right, key)
	}
	return n
}

func walk(n *node, visit func(uint32)) {
	if n != nil {
		walk(n.left, visit)
		visit(n.key)
		walk(n.right, visit)
	}
}

func work(seed uint32) string {
	var root *node
	for i := 0; i < 30000; i++ {
		seed = seed*1664525 + 1013904223
		root = insert(root, seed)
	}
	hash := sha256.New()
	walk(root, func(key uint32) { fmt.Fprint(hash, key) })
	return fmt.Sprintf("%x", hash.Sum(nil))
}

func main() {
	results := make(chan string, 8)
	var group sync.WaitGroup
	for i := uint32(0); i < 8; i++ {
		group.Add(1)
		go func(n uint32) { defer group.Done(); results <- work(n) }(i)
	}
	for i := 0; i < 20; i++ {
		runtime.GC()
		_ = make([]byte, 4<<20)
	}
	group.Wait()
	close(results)
	var all []string
	for r := range results {
		all = append(all, r)
	}
	sort.Strings(all)
	for _, r := range all {
		fmt.Println(r)
	}
}
TEXT
  HOME=$PWD GOCACHE=$PWD/cache GOFLAGS=-mod=mod CGO_ENABLED=0 go build -o program program.go
}

run() {
  "$work/program"
}
