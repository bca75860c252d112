package hikvision

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"xunfang/doors"
	"xunfang/models"
)

const (
	maxEvent                               = 32 << 10 // bytes of one event; a picture is read over and never kept
	majorAlarm, majorOperation, majorEvent = 1, 3, 5
)

// Events implements doors.Driver over the device's event stream. The device numbers its events and does not give
// them again by number: after the stream broke it may send those of the meantime, or not.
func (d *Driver) Events(ctx context.Context, after models.DoorEventMark, sink doors.EventSink) error {
	reported := false
	for ctx.Err() == nil {
		err := d.stream(ctx, &after, sink)
		if ctx.Err() == nil && !reported {
			d.config.Logger.Warn("door device does not give its events", "host", d.base.Host, "error", err)
		}
		reported = err != nil
		timer := time.NewTimer(d.config.Pause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return nil
}

// stream reads one connection's parts until it breaks, falls silent or the sink takes no more.
func (d *Driver) stream(ctx context.Context, mark *models.DoorEventMark, sink doors.EventSink) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(d.config.Silence, func() { cancel(errors.New("hikvision: the event stream fell silent")) })
	defer silence.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base.JoinPath("/").String()+"ISAPI/Event/notification/alertStream", nil)
	if err != nil {
		return fmt.Errorf("hikvision: %w", err)
	}
	response, err := d.client.Do(request)
	if err != nil {
		return errors.Join(models.ErrDoorUnreachable, err, context.Cause(ctx))
	}
	defer func() { _ = response.Body.Close() }()
	boundary := boundaryOf(response.Header.Get("Content-Type"))
	if response.StatusCode != http.StatusOK || boundary == "" {
		return fmt.Errorf("%w: no event stream, status %d", models.ErrDoorRefused, response.StatusCode)
	}
	parts := multipart.NewReader(response.Body, boundary)
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		silence.Reset(d.config.Silence)
		if err := d.take(ctx, part, mark, sink); err != nil {
			return err
		}
	}
}

// boundaryOf is what stands between the parts, "" where there are none. The published examples have boundary=<frontier>
// without the quotes that RFC 2045 asks for, and devices send what stands there.
func boundaryOf(header string) string {
	kind, rest, _ := strings.Cut(header, ";")
	if !strings.HasPrefix(strings.ToLower(strings.TrimSpace(kind)), "multipart/") {
		return ""
	}
	if _, parameters, err := mime.ParseMediaType(header); err == nil {
		return parameters["boundary"]
	}
	for _, parameter := range strings.Split(rest, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if strings.EqualFold(strings.TrimSpace(name), "boundary") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// take reads one part. Its length is said beforehand, so that an event is known as soon as its last byte is
// there, and not only when the next part begins.
func (d *Driver) take(ctx context.Context, part *multipart.Part, mark *models.DoorEventMark, sink doors.EventSink) error {
	kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if kind != "application/json" {
		return nil // a picture, or the XML of a heartbeat: read over
	}
	limit := int64(maxEvent)
	if length, err := strconv.ParseInt(part.Header.Get("Content-Length"), 10, 64); err == nil && length >= 0 {
		if length > maxEvent {
			return nil
		}
		limit = length
	}
	body, err := io.ReadAll(io.LimitReader(part, limit))
	if err != nil {
		return fmt.Errorf("hikvision: event stream: %w", err)
	}
	event, ok := d.read(body)
	if !ok || event.Index != 0 && event.Index == mark.Index && event.OccurredAt.Equal(mark.OccurredAt) {
		return nil
	}
	if err := sink(ctx, event); err != nil {
		return err
	}
	*mark = models.DoorEventMark{Index: event.Index, OccurredAt: event.OccurredAt}
	return nil
}

// notification is the part that is used of an event. Names are not among it: what is not decoded is not kept.
type notification struct {
	EventType string `json:"eventType"`
	DateTime  string `json:"dateTime"`
	Event     *struct {
		Major    int    `json:"majorEventType"`
		Minor    int    `json:"subEventType"`
		Door     int    `json:"doorNo"`
		Serial   uint32 `json:"serialNo"`
		Card     string `json:"cardNo"`
		Employee string `json:"employeeNoString"`
		Current  *bool  `json:"currentEvent"` // false: from the device's memory
	} `json:"AccessControllerEvent"`
}

// read translates an event; false: it is none of a door's.
func (d *Driver) read(body []byte) (models.DoorEvent, bool) {
	told := notification{}
	if err := json.Unmarshal(body, &told); err != nil || told.EventType != "AccessControllerEvent" || told.Event == nil {
		return models.DoorEvent{}, false
	}
	at, err := time.Parse(time.RFC3339, told.DateTime)
	if err != nil {
		return models.DoorEvent{}, false
	}
	now, raw := d.config.Now(), told.Event
	event := models.DoorEvent{Index: raw.Serial, OccurredAt: at, ReceivedAt: now}
	event.Kind, event.Way, event.Reason = meaning(raw.Major, raw.Minor)
	event.Replayed = event.Replays(now) || raw.Current != nil && !*raw.Current
	for _, door := range d.config.Doors {
		// A terminal with one door does not say which.
		if door.Number == raw.Door || raw.Door == 0 && len(d.config.Doors) == 1 && raw.Major == majorEvent {
			event.DoorID = door.ID
		}
	}
	credential := raw.Card
	if credential == "" || credential == "0" {
		credential = raw.Employee
	}
	if d.config.Refer != nil && credential != "" {
		event.CredentialRef = d.config.Refer(credential)
	}
	return event, true
}

// meaning is what a device's two numbers say, in ONVIF's words: the numbers of the published SDK headers
// (MINOR_LEGAL_CARD_PASS and so on).
func meaning(major, minor int) (kind models.DoorEventKind, way, reason string) {
	const granted, denied = models.EventAccessGranted, models.EventAccessDenied
	switch {
	case major == majorAlarm && minor == 0x404:
		return models.EventTamper, "", ""
	case major == majorOperation && minor == 0x400:
		return granted, models.WayRemote, ""
	case major != majorEvent:
		return models.EventOther, "", fmt.Sprintf("event_%d_%d", major, minor)
	}
	switch minor {
	case 0x01, 0x02:
		return granted, models.WayCard, ""
	case 0x03:
		return denied, models.WayCode, "wrong_code"
	case 0x06:
		return denied, models.WayCard, "no_rights"
	case 0x07, 0x08:
		return denied, models.WayCard, "outside_its_time"
	case 0x09:
		return denied, models.WayCard, "unknown_card"
	case 0x17:
		return granted, models.WayButton, ""
	case 0x19:
		return models.EventDoorOpened, "", ""
	case 0x1a:
		return models.EventDoorClosed, "", ""
	case 0x1b:
		return models.EventForcedOpen, models.WayForced, ""
	case 0x1c:
		return models.EventHeldOpen, "", ""
	case 0x4b:
		return granted, models.WayFace, ""
	case 0x4c:
		return denied, models.WayFace, "not_recognised"
	default:
		return models.EventOther, "", fmt.Sprintf("event_%d_%d", major, minor)
	}
}
