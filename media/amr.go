package media

import (
	"strings"
	"time"

	"xunfang/models"
)

const (
	amrNarrow = "#!AMR\n"
	amrWide   = "#!AMR-WB\n"
	amrFrame  = 20 * time.Millisecond
)

// Bytes of a frame behind its head, by its type (RFC 4867, 5.3; 3GPP TS 26.101 and 26.201); -1: no frame of storage.
var (
	amrNarrowSizes = [16]int{12, 13, 15, 17, 19, 20, 26, 31, 5, -1, -1, -1, -1, -1, -1, 0}
	amrWideSizes   = [16]int{17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0}
)

func isAMR(data []byte) bool {
	head := string(data[:min(len(data), len(amrWide))])
	return strings.HasPrefix(head, amrNarrow) || head == amrWide
}

// cleanAMR goes from frame to frame to the very end; AMR has no room for anything else.
func cleanAMR(data []byte) (Recording, error) {
	sizes, at := amrNarrowSizes, len(amrNarrow)
	contentType := models.ContentAMR
	if strings.HasPrefix(string(data[:min(len(data), len(amrWide))]), amrWide) {
		sizes, at, contentType = amrWideSizes, len(amrWide), models.ContentAMRWide
	}
	frames := 0
	for ; at < len(data); frames++ {
		head := data[at]
		size := sizes[head>>3&0x0f]
		if head&0x83 != 0 || size < 0 { // the first and the last two bits are always clear
			return Recording{}, errForm
		}
		if at += 1 + size; at > len(data) {
			return Recording{}, errCut
		}
	}
	return Recording{Bytes: data, ContentType: contentType, Duration: time.Duration(frames) * amrFrame}, nil
}
