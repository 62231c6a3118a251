//! Text from JavaScript, read in one pass. The usual way counts its bytes first, which for a long prompt takes as long
//! as copying it.

use std::ptr;

use napi::bindgen_prelude::{FromNapiValue, TypeName, ValidateNapiValue};
use napi::{Error, Result, Status, ValueType, check_status, sys};

/// Room past this is given back where it was not needed.
const KEPT_ROOM: usize = 64 * 1024;

/// A string, as UTF-8; halves of surrogate pairs have been replaced.
pub struct Text(pub String);

impl TypeName for Text {
    fn type_name() -> &'static str {
        "String"
    }

    fn value_type() -> ValueType {
        ValueType::String
    }
}

impl ValidateNapiValue for Text {}

impl FromNapiValue for Text {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        let mut units = 0;
        // Safety: the caller vouches for both; without a buffer this only tells the length, which V8 knows.
        check_status!(unsafe {
            sys::napi_get_value_string_utf16(env, value, ptr::null_mut(), 0, &mut units)
        })?;
        // A UTF-16 unit takes three bytes at most, and N-API ends what it writes with a zero.
        let room = units.saturating_mul(3).saturating_add(1);
        let mut bytes: Vec<u8> = Vec::with_capacity(room);
        let mut written = 0;
        // Safety: `room` bytes are there to be written.
        check_status!(unsafe {
            sys::napi_get_value_string_utf8(env, value, bytes.as_mut_ptr().cast(), room, &mut written)
        })?;
        // Safety: N-API has written so many, and no more than there was room for.
        unsafe { bytes.set_len(written.min(room)) };
        if room > KEPT_ROOM {
            bytes.shrink_to_fit();
        }
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|error| Error::new(Status::StringExpected, error.to_string()))
    }
}
