package handlers

import (
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

// checkCode says what became of the scanned or typed code.
func (h *Server) checkCode(item api.CheckInItem, checkIn models.CheckIn, checkpoint *models.Checkpoint) models.CodeCheck {
	if checkpoint == nil {
		return models.CodeWrong
	}
	code, holds := value(item.Code), true
	switch checkIn.Method {
	case models.MethodRotatingQR:
		return h.checkRotating(code, checkIn, *checkpoint)
	case models.MethodQR:
		holds = auth.SameBytes([]byte(code), []byte(signPrefix+string(checkpoint.ID)+"."+h.signCode(checkpoint.ID)))
	case models.MethodManualCode:
		holds = auth.SameBytes([]byte(strings.ToUpper(auth.NormalizeCode(code))), []byte(h.signCode(checkpoint.ID)))
	case models.MethodNFC:
		holds = len(checkpoint.NFCMAC) > 0 && auth.SameBytes(h.nfcMAC(code), checkpoint.NFCMAC)
	case models.MethodGPS:
	}
	if !holds {
		return models.CodeWrong
	}
	return models.CodeHolds
}

// clockOf reads what the phone's clocks showed when it sent.
func clockOf(clock *api.PhoneClock) *models.PhoneClock {
	if clock == nil {
		return nil
	}
	return &models.PhoneClock{BootID: clock.BootId, MonotonicMS: clock.MonotonicMs, WallAt: clock.WallAt.Time}
}

// readingOf is the monotonic clock at the check-in; one that was not sent is before every start.
func readingOf(monotonicMS *int64) int64 {
	if monotonicMS == nil {
		return -1
	}
	return *monotonicMS
}
