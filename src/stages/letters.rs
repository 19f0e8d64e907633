//! Which characters are letters.

/// What [`char::is_alphabetic`] says, sooner for the letters that most texts are made of.
#[inline]
pub fn is_alphabetic(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' => true,
        '\0'..='\u{7f}' => false,
        'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{24f}' | 'Α'..='Ρ' | 'Σ'..='ώ' | 'Ѐ'..='ҁ' => true,
        'ա'..='և' | 'א'..='ת' | 'ؠ'..='ي' | 'ก'..='ะ' | 'ა'..='ჺ' | 'က'..='ဩ' | 'ក'..='ឳ' => {
            true
        }
        'ぁ'..='ゖ' | 'ァ'..='ヺ' | '一'..='\u{9fff}' | '가'..='힣' => true,
        // Vowel signs of Hindi, vowels of Thai; quotes and dashes, and the marks of Chinese.
        '\u{93e}'..='\u{94c}' | 'ั'..='ฺ' | 'เ'..='ๆ' => true,
        '\u{2010}'..='\u{2027}' | '\u{3000}'..='\u{3004}' | '\u{ff01}'..='\u{ff0f}' => false,
        // The consonants of India stand at the same places of each script's block; Tamil has few.
        '\u{900}'..='\u{b7f}' | '\u{c00}'..='\u{d7f}' if matches!(u32::from(c) % 128, 0x15..=0x28) => true,
        _ => c.is_alphabetic(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_are_those_of_unicode() {
        for c in char::MIN..=char::MAX {
            assert_eq!(super::is_alphabetic(c), c.is_alphabetic(), "{c:?} {:x}", u32::from(c));
        }
    }
}
