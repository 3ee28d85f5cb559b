//! `LambdaCallback`.

use super::{Callback, CallbackCx};
use crate::training::Logs;
use rhyton_base::Result;

macro_rules! lambda_callback {
    ($($hook:ident($($argument:ident: $T:ty),*);)*) => {
        /// A callback made of functions, one for each hook that is wanted. They get what the methods of [`Callback`]
        /// get.
        ///
        /// Source: `keras/src/callbacks/lambda_callback.py`.
        ///
        /// ```
        /// use rhyton_model::{Fit, LambdaCallback, Sequential};
        /// # use rhyton_nn::layers::Dense;
        /// # let x = rhyton_tensor::ops::ones([8, 2], rhyton_tensor::DType::F32)?;
        /// # let mut model = Sequential::from([Dense::new(2)]);
        /// # model.compile("sgd", "mse", ())?;
        /// let say = LambdaCallback::new()
        ///     .on_train_begin(|_| Ok(println!("here we go")))
        ///     .on_epoch_end(|_, epoch, logs| Ok(println!("{epoch}: {:?}", logs.get("loss"))));
        /// model.fit(&x, &x, Fit::epochs(2).verbose(0).callback(say))?;
        /// # Ok::<(), rhyton_base::Error>(())
        /// ```
        #[derive(Default)]
        pub struct LambdaCallback {
            $($hook: Option<Box<dyn FnMut(&CallbackCx, $($T),*) -> Result<()> + Send>>,)*
        }

        impl LambdaCallback {
            /// One that does nothing yet.
            pub fn new() -> LambdaCallback {
                LambdaCallback::default()
            }

            $(
                #[doc = concat!("What is called in [`Callback::", stringify!($hook), "`].")]
                #[must_use]
                pub fn $hook(
                    self,
                    f: impl FnMut(&CallbackCx, $($T),*) -> Result<()> + Send + 'static,
                ) -> LambdaCallback {
                    LambdaCallback { $hook: Some(Box::new(f)), ..self }
                }
            )*
        }

        impl Callback for LambdaCallback {
            $(
                fn $hook(&mut self, cx: &CallbackCx, $($argument: $T),*) -> Result<()> {
                    self.$hook.as_mut().map_or(Ok(()), |f| f(cx, $($argument),*))
                }
            )*
        }
    };
}

lambda_callback! {
    on_train_begin();
    on_train_end(logs: &Logs);
    on_epoch_begin(epoch: usize);
    on_epoch_end(epoch: usize, logs: &mut Logs);
    on_train_batch_begin(batch: usize);
    on_train_batch_end(batch: usize);
    on_test_begin();
    on_test_end(logs: &Logs);
    on_test_batch_begin(batch: usize);
    on_test_batch_end(batch: usize);
    on_predict_begin();
    on_predict_end();
    on_predict_batch_begin(batch: usize);
    on_predict_batch_end(batch: usize);
}
