package models

import "time"

// What may come with a tip under its receipt, as long as it is talked about (Tip.CheckTalk).
const (
	MaxTipMedia      = 9         // files
	MaxTipMediaBytes = 100 << 20 // of all as they came, sealed

	FilesTold = 10 * time.Minute // of the files that come within such a time, by the clock, the first is told
)

// TipMediaSize is what has come with a tip already.
type TipMediaSize struct {
	Count int
	Bytes int64
}

// CheckReceiptUpload says whether another file may be begun under a receipt: CodeTooLarge, CodeTooManyUploads while too
// many are unfinished, CodeTipMediaFull once the tip has all that it may have.
func CheckReceiptUpload(length int64, unfinished []Upload, attached TipMediaSize) error {
	if err := CheckNewUpload(length, unfinished); err != nil {
		return err
	}
	count, total := attached.Count+1, attached.Bytes+length
	for _, upload := range unfinished {
		count, total = count+1, total+upload.Length
	}
	if count > MaxTipMedia || total > MaxTipMediaBytes {
		return Fail(CodeTipMediaFull)
	}
	return nil
}
