package uhppote

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The packets of this file are published ones, written by nobody here:
//
//	python  github.com/uhppoted/uhppoted-lib-python, integration_tests/uhppoted/stub.py (board 405419896)
//	core    github.com/uhppoted/uhppote-core, messages/*_test.go (board 423187757)
//
// Spaces are for the eye, and what is missing at the end is zero.
const (
	python = 405419896
	core   = 423187757
)

func literal(t testing.TB, text string) []byte {
	t.Helper()
	datagram, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil || len(datagram) > size {
		t.Fatalf("%q is no packet: %v", text, err)
	}
	return append(datagram, make([]byte, size-len(datagram))...)
}

// canned is a board that gives the same replies to every request.
func canned(t *testing.T, replies ...[]byte) (address string, heard <-chan []byte) {
	t.Helper()
	socket, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan []byte, 8)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 2*size)
		for {
			count, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			select {
			case requests <- bytes.Clone(buffer[:count]):
			default: // nobody looks
			}
			for _, reply := range replies {
				_, _ = socket.WriteTo(reply, from)
			}
		}
	}()
	t.Cleanup(func() { _ = socket.Close(); <-ended })
	return socket.LocalAddr().String(), requests
}

func utc(year, month, day, hour, minute, second int) time.Time {
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
}

func TestPublishedPackets(t *testing.T) {
	jan, dec := utc(2023, 1, 1, 0, 0, 0), utc(2023, 12, 31, 0, 0, 0)
	card := Card{Number: 8165538, From: jan, Until: dec, Doors: [4]uint8{1, 0, 29, 1}, PIN: 7531}
	for _, test := range []struct {
		name    string
		serial  uint32
		ask     func(ctx context.Context, board *Board) (any, error)
		request string
		reply   string
		want    any
	}{
		{
			"get-controller (python)", python, func(ctx context.Context, board *Board) (any, error) {
				return board.Controller(ctx)
			}, "17940000 78372a18",
			"17940000 78372a18 c0a80164 ffffff00 c0a80101 001223344556 0892 20181105",
			Controller{
				Serial: python, Address: netip.MustParseAddr("192.168.1.100"), Mask: netip.MustParseAddr("255.255.255.0"),
				Gateway: netip.MustParseAddr("192.168.1.1"), MAC: net.HardwareAddr{0, 0x12, 0x23, 0x34, 0x45, 0x56},
				Firmware: "8.92", Built: utc(2018, 11, 5, 0, 0, 0),
			},
		},
		{
			"get-time (python)", python, func(ctx context.Context, board *Board) (any, error) { return board.Time(ctx) },
			"17320000 78372a18", "17320000 78372a18 20210528135130", utc(2021, 5, 28, 13, 51, 30),
		},
		{"set-time (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return board.SetTime(ctx, utc(2021, 5, 28, 14, 56, 14))
		}, "17300000 78372a18 20210528145614", "17300000 78372a18 20210528145614", utc(2021, 5, 28, 14, 56, 14)},
		{
			"get-status (python)", python, func(ctx context.Context, board *Board) (any, error) { return board.Status(ctx) },
			"17200000 78372a18",
			"17200000 78372a18 45000000 02010101 00000000 20190810102832 2c 0000000000000000 00 151446 00000000 00000000 00 00 00 210528",
			Status{
				Event: Event{Index: 69, Type: 2, Granted: true, Door: 1, At: utc(2019, 8, 10, 10, 28, 32), Reason: 0x2c},
				Clock: utc(2021, 5, 28, 15, 14, 46),
			},
		},
		{
			"get-status without an event (python)", python, func(ctx context.Context, board *Board) (any, error) {
				return board.Status(ctx)
			}, "17200000 78372a18",
			"17200000 78372a18 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00 151446 00000000 00000000 000000 210528",
			Status{Clock: utc(2021, 5, 28, 15, 14, 46)},
		},
		{
			"get-status with everything (core)", core, func(ctx context.Context, board *Board) (any, error) {
				return board.Status(ctx)
			}, "17200000 2d553919",
			"17200000 2d553919 39000000 01000301 aae85d00 20190419170009 06 01000101 00000101 09 143702 11000000 21000000 2b 04 01 190420 0000 93260488 0892",
			Status{
				Event: Event{Index: 57, Type: 1, Door: 3, Card: 6154410, At: utc(2019, 4, 19, 17, 0, 9), Reason: 6},
				Doors: [4]bool{true, false, true, true}, Button: [4]bool{false, false, true, true},
				Relays: 4, Inputs: 1, Error: 9, Clock: utc(2019, 4, 20, 14, 37, 2),
			},
		},
		{"get-listener (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return board.Listener(ctx)
		}, "17920000 78372a18", "17920000 78372a18 c0a80164 61ea 0f", netip.MustParseAddrPort("192.168.1.100:60001")},
		{"set-listener (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.SetListener(ctx, netip.MustParseAddrPort("192.168.1.100:60001"))
		}, "17900000 78372a18 c0a80164 61ea 00", "17900000 78372a18 01", nil},
		{"get-door-control (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return board.Control(ctx, 3)
		}, "17820000 78372a18 03", "17820000 78372a18 030307", Control{Mode: controlled, Delay: 7}},
		{"set-door-control (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.SetControl(ctx, 3, Control{Mode: normallyClosed, Delay: 4})
		}, "17800000 78372a18 030204", "17800000 78372a18 030204", nil},
		{
			"get-cards (python)", python, func(ctx context.Context, board *Board) (any, error) { return board.Cards(ctx) },
			"17580000 78372a18", "17580000 78372a18 03", uint32(3),
		},
		{"get-card (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return found(board.Card(ctx, 8165538))
		}, "175a0000 78372a18 a2987c00", "175a0000 78372a18 a2987c00 20230101 20231231 01001d01 6b1d00", card},
		{"get-card that is not there (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return found(board.Card(ctx, 10058399))
		}, "175a0000 78372a18 9f7a9900", "175a0000 78372a18", nil},
		{
			"get-card-by-index (python)", python, func(ctx context.Context, board *Board) (any, error) {
				return found(board.CardAt(ctx, 2))
			}, "175c0000 78372a18 02000000", "175c0000 78372a18 a3987c00 20230101 20231231 01001d01 6b1d00",
			Card{Number: 8165539, From: jan, Until: dec, Doors: [4]uint8{1, 0, 29, 1}, PIN: 7531},
		},
		{"get-card-by-index of a deleted one (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return found(board.CardAt(ctx, 10002))
		}, "175c0000 78372a18 12270000", "175c0000 78372a18 ffffffff", nil},
		{"put-card with a PIN (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.PutCard(ctx, Card{
				Number: 123456789, From: jan, Until: utc(2025, 12, 31, 0, 0, 0), Doors: [4]uint8{1, 0, 29, 1}, PIN: 7531,
			})
		}, "17500000 78372a18 15cd5b07 20230101 20251231 01001d01 6b1d00", "17500000 78372a18 01", nil},
		{"delete-card (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.DeleteCard(ctx, 8165538)
		}, "17520000 78372a18 a2987c00", "17520000 78372a18 01", nil},
		{"delete-all-cards (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.DeleteAllCards(ctx)
		}, "17540000 78372a18 55aaaa55", "17540000 78372a18 01", nil},
		{
			"get-event (python)", python, func(ctx context.Context, board *Board) (any, error) { return board.Event(ctx, 29) },
			"17b00000 78372a18 1d000000", "17b00000 78372a18 1d000000 02010101 00000000 20190803103429 00",
			Event{Index: 29, Type: 2, Granted: true, Door: 1, At: utc(2019, 8, 3, 10, 34, 29)},
		},
		{"get-event that is not there (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return board.Event(ctx, 200)
		}, "17b00000 78372a18 c8000000", "17b00000 78372a18", Event{}},
		{"get-event that was overwritten (python)", python, func(ctx context.Context, board *Board) (any, error) {
			return board.Event(ctx, 73)
		}, "17b00000 78372a18 49000000", "17b00000 78372a18 00000000 ff", Event{Lost: true}},
		{
			"get-event (core)", core, func(ctx context.Context, board *Board) (any, error) { return board.Event(ctx, 8) },
			"17b00000 2d553919 08000000",
			"17b00000 2d553919 08000000 02010301 ade85d00 20190210071201 06 00000000 00000000 00000000 00000000 00000000 00000000 00000000 4a268039 0892",
			Event{Index: 8, Type: 2, Granted: true, Door: 3, Card: 6154413, At: utc(2019, 2, 10, 7, 12, 1), Reason: 6},
		},
		{
			"get-event-index (core)", core, func(ctx context.Context, board *Board) (any, error) { return board.EventIndex(ctx) },
			"17b40000 2d553919", "17b40000 2d553919 11000000", uint32(17),
		},
		{"set-event-index (core)", core, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.SetEventIndex(ctx, 17)
		}, "17b20000 2d553919 11000000 55aaaa55", "17b20000 2d553919 01", nil},
		{"record-special-events (core)", core, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.RecordSpecialEvents(ctx, true)
		}, "178e0000 2d553919 01", "178e0000 2d553919 01", nil},
		{"set-time-profile (core)", core, func(ctx context.Context, board *Board) (any, error) {
			return nil, board.SetProfile(ctx, Profile{
				ID: 4, From: utc(2021, 4, 1, 0, 0, 0), Until: utc(2021, 12, 29, 0, 0, 0),
				Days:  [7]bool{true, true, false, true, false, true, true},
				Spans: [3][2]time.Duration{{clockAt(8, 30), clockAt(9, 45)}, {clockAt(11, 35), clockAt(13, 15)}, {clockAt(14, 1), clockAt(17, 59)}},
				Next:  19,
			})
		}, "17880000 2d553919 04 20210401 20211229 01010001000101 0830 0945 1135 1315 1401 1759 13", "17880000 2d553919 01", nil},
		{
			"get-time-profile (core)", core, func(ctx context.Context, board *Board) (any, error) {
				return found(board.Profile(ctx, 4))
			}, "17980000 2d553919 04",
			"17980000 2d553919 04 20210401 20211229 01010001000101 0830 0945 1135 1315 1401 1759 13",
			Profile{
				ID: 4, From: utc(2021, 4, 1, 0, 0, 0), Until: utc(2021, 12, 29, 0, 0, 0),
				Days:  [7]bool{true, true, false, true, false, true, true},
				Spans: [3][2]time.Duration{{clockAt(8, 30), clockAt(9, 45)}, {clockAt(11, 35), clockAt(13, 15)}, {clockAt(14, 1), clockAt(17, 59)}},
				Next:  19,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			address, heard := canned(t, literal(t, test.reply))
			board, err := NewBoard(BoardConfig{Serial: test.serial, Address: address, Zone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			got, err := test.ask(t.Context(), board)
			if err != nil {
				t.Fatal(err)
			}
			if request := <-heard; !bytes.Equal(request, literal(t, test.request)) {
				t.Errorf("sent\n%x, published is\n%x", request, literal(t, test.request))
			}
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) {
				t.Errorf("read\n%+v, want\n%+v", got, test.want)
			}
		})
	}
}

func clockAt(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

func found[T any](value T, found bool, err error) (any, error) {
	if !found {
		return nil, err
	}
	return value, err
}

// open-door has no method of its own: only Driver.Open sends it.
func TestPublishedOpenDoor(t *testing.T) {
	request := newPacket(openDoor, python)
	request[8] = 3
	if want := literal(t, "17400000 78372a18 03"); !bytes.Equal(request[:], want) {
		t.Errorf("sent\n%x, published is\n%x", request, want)
	}
	reply, err := parse(literal(t, "17400000 78372a18 01"))
	if err != nil || !reply.yes(8) || reply.serial() != python || reply.function() != openDoor {
		t.Errorf("the published reply reads %v %v", reply, err)
	}
}

// The events of firmware 6.62 begin with 0x19 (core, events_test.go); nothing else may.
func TestPublishedEvents(t *testing.T) {
	const rest = "200000 2d553919 39000000 01000301 aae85d00 20190419170009 06 01000101 00000101 09 143702 11000000 21000000 2b 04 01 190420 0000 93260488 0892"
	for _, begin := range []string{"17", "19"} {
		event, err := parse(literal(t, begin+rest))
		if err != nil {
			t.Fatalf("%s: %v", begin, err)
		}
		if read := decodeEvent(event, time.UTC); read.Index != 57 || read.Card != 6154410 {
			t.Errorf("%s reads %+v", begin, read)
		}
	}
	for _, junk := range []string{"18" + rest, "00", "19940000 2d553919"} {
		if _, err := parse(literal(t, junk)); err == nil {
			t.Errorf("%.12s is taken", junk)
		}
	}
	for _, length := range []int{0, 1, 63, 65, 1024} {
		if _, err := parse(make([]byte, length)); err == nil {
			t.Errorf("%d bytes are taken", length)
		}
	}
}
