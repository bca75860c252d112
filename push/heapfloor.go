package push

import "runtime"

// heapFloor is in bytes. A server that sends has 20 MB alive and makes a megabyte of short-lived things for a hundred messages: the
// collector would run many times a second, which is a fifth of all that sending costs.
const heapFloor = 40 << 20

// HeapFloor makes the collector wait for so much more until release is called: address space that nobody touches, so that it is
// counted but takes no memory. A large heap is collected as before; GOGC would let it grow by as many times.
func HeapFloor() (release func()) {
	floor := make([]byte, heapFloor)
	return func() { runtime.KeepAlive(floor) }
}
