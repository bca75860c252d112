package handlers

import (
	"testing"

	"xunfang/models"
)

// TestTheLedgerWaitsForStreams: it is written when nothing more comes, and in the end however much comes.
func TestTheLedgerWaitsForStreams(t *testing.T) {
	book := flushedBook{}
	if !book.calm() {
		t.Error("nothing waits, and it waits")
	}
	book.add(models.Attempt{})
	if book.calm() || !book.calm() {
		t.Error("it is not written as soon as nothing more comes")
	}
	book.take()
	for range flushedLater {
		if book.add(models.Attempt{}); book.calm() {
			t.Error("it is written while streams are told")
		}
	}
	if book.add(models.Attempt{}); !book.calm() {
		t.Error("it is put off for ever")
	}
	book.take()
	if book.add(models.Attempt{}); book.calm() {
		t.Error("it does not begin anew")
	}
}
