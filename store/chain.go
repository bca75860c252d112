package store

import (
	"crypto/sha256"
	"encoding/binary"

	"xunfang/models"
)

// auditLinkRow is one link of a station's chain.
type auditLinkRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Seq       int64     `gorm:"primaryKey;autoIncrement:false"` // from 1, without a gap
	EntryID   models.ID
	ActorID   models.ID // the entry's, here for the index: writers do not have to keep one by actor
	Hash      []byte
}

func (auditLinkRow) TableName() string { return "audit_chain" }

// auditHeadRow is where a station's chain ends. Its MAC makes a chain that was cut short,
// or written anew by somebody without the key, show.
type auditHeadRow struct {
	StationID models.ID `gorm:"primaryKey"`
	Seq       int64
	Hash      []byte
	Mac       []byte
}

func (auditHeadRow) TableName() string { return "audit_heads" }

// newHead is the head of a chain that has no link yet.
func newHead(station models.ID) auditHeadRow {
	start := sha256.Sum256([]byte("xunfang audit chain 1\x00" + string(station)))
	return auditHeadRow{StationID: station, Hash: start[:]}
}

// linkHash is SHA-256(hash before ‖ the entry's MAC ‖ seq). The three have fixed lengths
// but for the MAC, whose length is therefore in it too.
func linkHash(before, mac []byte, seq int64) []byte {
	data := make([]byte, 0, 128)
	data = append(data, before...)
	data = binary.BigEndian.AppendUint32(data, uint32(len(mac))) //nolint:gosec // a MAC is short
	data = append(data, mac...)
	data = binary.BigEndian.AppendUint64(data, uint64(seq)) //nolint:gosec // never negative
	sum := sha256.Sum256(data)
	return sum[:]
}

// headMAC is over everything in the head.
func headMAC(mac func([]byte) []byte, head auditHeadRow) []byte {
	data := []byte("xunfang audit head 1\x00")
	data = binary.BigEndian.AppendUint64(data, uint64(head.Seq)) //nolint:gosec // never negative
	data = append(data, head.Hash...)
	return mac(append(data, head.StationID...))
}

// next is the head after one more entry, and the link that leads to it.
func (h auditHeadRow) next(entry auditRow) (auditHeadRow, auditLinkRow) {
	h.Seq++
	h.Hash = linkHash(h.Hash, entry.Mac, h.Seq)
	return h, auditLinkRow{StationID: h.StationID, Seq: h.Seq, EntryID: entry.ID, ActorID: entry.ActorID, Hash: h.Hash}
}
