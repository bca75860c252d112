package reports

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"sync"
)

//go:embed font/XunfangReportSans.ttf.gz
var packedFont []byte

// font is the typeface of the PDF: GB 2312 and Latin. How it is made: tools/reportfont/make.py.
var font = sync.OnceValues(func() ([]byte, error) {
	packed, err := gzip.NewReader(bytes.NewReader(packedFont))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(packed) // our own file: it grows to 2 MB
})
