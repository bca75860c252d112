package media

import "time"

// Limits bounds what one photo, and all photos at once, may cost.
type Limits struct {
	Bytes        int           // of the file as it came
	Pixels       int           // width × height, read from the header before anything is decoded
	Side         int           // pixels along either edge
	PixelsAtOnce int           // being decoded at the same time by one Cleaner; about 8 bytes of memory each
	Waiting      int           // callers inside one Cleaner, each with its file in memory
	Wait         time.Duration // for room among PixelsAtOnce
}

// DefaultLimits suits phones' cameras: 10 MiB, 50 megapixels, 12,000 pixels a side.
func DefaultLimits() Limits {
	return Limits{
		Bytes: 10 << 20, Pixels: 50_000_000, Side: 12_000,
		PixelsAtOnce: 100_000_000, Waiting: 32, Wait: 10 * time.Second,
	}
}
